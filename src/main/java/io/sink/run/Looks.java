package io.sink.run;

import io.sink.catalog.TableSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/**
 * Looks at many tables before the first has its turn. Each catalog has threads of its own, so that one that does not
 * answer holds up the looks at its own tables alone; what was not seen in time waits for its turn unseen.
 */
final class Looks {
    /** A look is one or two requests and no work. */
    private static final int AT_ONCE = 8;

    /** Share of the time to the deadline that the looks may take. */
    private static final int PERCENT = 50;

    private static final long LOOK_MILLIS = 50;

    private final Ending ending;
    private final UnaryOperator<Turn> look;

    /** @param look does not throw because of a table */
    Looks(Ending ending, UnaryOperator<Turn> look) {
        this.ending = ending;
        this.look = look;
    }

    /** The same tables in the same order, seen as far as they can be. */
    List<Turn> at(List<Turn> unseen) {
        long until = System.nanoTime() + ending.share(PERCENT).toNanos();
        Map<TableSource, ExecutorService> threads = new IdentityHashMap<>();
        List<Future<Turn>> looking = unseen.stream()
                .map(turn ->
                        threads.computeIfAbsent(turn.source(), any -> threads()).submit(() -> look.apply(turn)))
                .toList();
        List<Turn> seen = new ArrayList<>();
        for (int at = 0; at < unseen.size(); at++) {
            seen.add(result(looking.get(at), until, unseen.get(at)));
        }
        threads.values().forEach(ExecutorService::shutdownNow);
        return seen;
    }

    private static ExecutorService threads() {
        return Executors.newFixedThreadPool(AT_ONCE, task -> {
            Thread thread = new Thread(task, "sink-look");
            thread.setDaemon(true);
            return thread;
        });
    }

    private Turn result(Future<Turn> looking, long until, Turn unseen) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return looking.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (ending.hasBegun() || System.nanoTime() - until >= 0) {
                        looking.cancel(true);
                        return unseen;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw new IllegalStateException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
