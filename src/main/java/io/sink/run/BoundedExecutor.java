package io.sink.run;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs up to a number of tasks at once and hands each one's result on when it has ended, in the thread that submits:
 * one that takes long holds up none of the others.
 */
final class BoundedExecutor<T> implements AutoCloseable {
    private final int atOnce;
    private final Consumer<T> results;
    private final ExecutorService threads;
    private final CompletionService<T> work;
    private int running;

    BoundedExecutor(int atOnce, Consumer<T> results) {
        this.atOnce = atOnce;
        this.results = results;
        this.threads = Executors.newFixedThreadPool(atOnce, task -> {
            Thread thread = new Thread(task, "sink-table");
            thread.setDaemon(true);
            return thread;
        });
        this.work = new ExecutorCompletionService<>(threads);
    }

    /** Starts a task; waits for any one to end if as many as allowed are at work. */
    void submit(Callable<T> task) {
        for (Future<T> ended = work.poll(); ended != null; ended = work.poll()) {
            running--;
            handOn(ended);
        }
        if (running >= atOnce) {
            handOn();
        }
        work.submit(task);
        running++;
    }

    /** Waits for everything that was submitted. */
    void drain() {
        while (running > 0) {
            handOn();
        }
    }

    /** Waits for one to end. */
    private void handOn() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    Future<T> ended = work.take();
                    running--;
                    handOn(ended);
                    return;
                } catch (InterruptedException e) {
                    // A table at work is never abandoned; stopping is asked of it by the stop signal.
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
        results.accept(resultOf(ended));
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

    /** Waits for what is at work, also after a failure: its catalog must not be closed under it. */
    @Override
    public void close() {
        threads.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = threads.awaitTermination(1, TimeUnit.HOURS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
