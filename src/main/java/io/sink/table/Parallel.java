package io.sink.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.iceberg.util.ThreadPools;
import org.jspecify.annotations.Nullable;

/**
 * Does the same work on many things in parallel, and waits for all of them.
 *
 * <p>Iceberg's {@code Tasks} does so too, but checks only every 10 ms whether they are done, which for a table of few
 * files is most of the time.
 */
public final class Parallel {
    private Parallel() {}

    /**
     * As {@link #each(ExecutorService, Collection, Consumer)}, on the pool with which Iceberg itself reads manifests.
     */
    public static <T> void each(Collection<T> things, Consumer<? super T> work) {
        each(ThreadPools.getWorkerPool(), things, work);
    }

    /**
     * Does the work on each thing. Once one has failed, no further one is begun; those at work are waited for.
     *
     * @param pool the threads; must not be the pool that the caller itself runs on
     * @throws RuntimeException or Error: the first failure in the order of the things, with the others suppressed. Also
     *     if the calling thread is interrupted while it waits: it stays interrupted, and those at work are not waited
     *     for
     */
    public static <T> void each(ExecutorService pool, Collection<T> things, Consumer<? super T> work) {
        AtomicBoolean failed = new AtomicBoolean();
        List<Future<?>> running = new ArrayList<>(things.size());
        for (T thing : things) {
            running.add(pool.submit(() -> {
                if (failed.get()) {
                    return;
                }
                boolean done = false;
                try {
                    work.accept(thing);
                    done = true;
                } finally {
                    if (!done) {
                        failed.set(true);
                    }
                }
            }));
        }
        Throwable first = null;
        for (Future<?> one : running) {
            first = joined(first, failureOf(one, running));
        }
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            throw (RuntimeException) first;
        }
    }

    private static @Nullable Throwable joined(@Nullable Throwable first, @Nullable Throwable next) {
        if (first != null && next != null && first != next) {
            first.addSuppressed(next);
        }
        return first == null ? next : first;
    }

    private static @Nullable Throwable failureOf(Future<?> one, List<Future<?>> all) {
        try {
            one.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException e) {
            all.forEach(other -> other.cancel(true));
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while others were at work", e);
        }
    }
}
