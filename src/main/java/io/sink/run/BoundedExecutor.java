package io.sink.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Runs a limited number of jobs at once, and hands on the result of each when it has ended, in the thread that submits.
 * A job that takes long does not hold up the others. Once the time is over, a job that has not ended is given up: it is
 * interrupted and not waited for any more, since a thread in a request cannot be made to end.
 */
final class BoundedExecutor<T> implements AutoCloseable {
    private static final long LOOK_MILLIS = 50;

    private final int atOnce;
    private final Consumer<T> results;
    private final BooleanSupplier over;
    private final ExecutorService threads;
    private final CompletionService<T> work;
    private final Map<Future<T>, Job<T>> running = new HashMap<>();
    private boolean abandoned;

    /** Something to be done. Unless it overrides {@link #givenUp}, it is always waited for. */
    interface Job<T> extends Callable<T> {

        /**
         * Asked once the time is over, in the thread that submits: the result in place of the job's own, after which
         * the job must do nothing more; empty if it is to be waited for all the same.
         */
        default Optional<T> givenUp() {
            return Optional.empty();
        }
    }

    /** @param over whether what is at work is to be given up */
    BoundedExecutor(int atOnce, Consumer<T> results, BooleanSupplier over) {
        this.atOnce = atOnce;
        this.results = results;
        this.over = over;
        // As many as there are jobs, and besides them those that were given up and hang.
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "sink-table");
            thread.setDaemon(true);
            return thread;
        });
        this.work = new ExecutorCompletionService<>(threads);
    }

    /** Starts a job; waits for any one to end if as many as allowed are at work. */
    void submit(Job<T> job) {
        for (Future<T> ended = work.poll(); ended != null; ended = work.poll()) {
            handOn(ended);
        }
        if (running.size() >= atOnce) {
            handOn();
        }
        running.put(work.submit(job), job);
    }

    /** Waits for everything that was submitted. */
    void drain() {
        while (!running.isEmpty()) {
            handOn();
        }
    }

    /** Waits for one to end, or for the time to be over. */
    private void handOn() {
        boolean interrupted = false;
        try {
            for (int before = running.size(); running.size() == before; ) {
                try {
                    Future<T> ended = work.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                    if (ended != null) {
                        handOn(ended);
                    } else if (over.getAsBoolean()) {
                        giveUp().forEach(results);
                    }
                } catch (InterruptedException e) {
                    // An interrupt of this thread does not decide about the tables; the signal to stop does.
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void handOn(Future<T> ended) {
        if (running.remove(ended) != null) {
            results.accept(resultOf(ended));
        }
    }

    /** The results of the jobs that are given up now. */
    private List<T> giveUp() {
        List<T> instead = new ArrayList<>();
        for (Map.Entry<Future<T>, Job<T>> each : Map.copyOf(running).entrySet()) {
            Optional<T> result =
                    each.getKey().isDone() ? Optional.empty() : each.getValue().givenUp();
            if (result.isPresent()) {
                running.remove(each.getKey());
                each.getKey().cancel(true);
                abandoned = true;
                instead.add(result.get());
            }
        }
        return instead;
    }

    /** The result of a task that has ended: this never waits, but an interrupt would end it all the same. */
    private static <T> T resultOf(Future<T> ended) {
        boolean interrupted = Thread.interrupted();
        try {
            return ended.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits for the running jobs, also after a failure: their catalog must not be closed while they use it. Jobs that
     * were given up are not waited for.
     */
    @Override
    public void close() {
        threads.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                running.keySet().removeIf(Future::isDone);
                if (over.getAsBoolean()) {
                    giveUp();
                }
                ended = threads.awaitTermination(LOOK_MILLIS, TimeUnit.MILLISECONDS)
                        || (abandoned && running.isEmpty());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
