package io.sink.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs up to a number of tasks at once and hands on their results in the order in which they were submitted. */
final class InOrder<T> implements AutoCloseable {
    private final int atOnce;
    private final Consumer<T> results;
    private final ExecutorService threads;
    private final Deque<Future<T>> running = new ArrayDeque<>();

    InOrder(int atOnce, Consumer<T> results) {
        this.atOnce = atOnce;
        this.results = results;
        this.threads = Executors.newFixedThreadPool(atOnce, task -> {
            Thread thread = new Thread(task, "sink-table");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Starts a task; waits for the oldest one first if as many as allowed are at work. */
    void submit(Callable<T> task) {
        if (running.size() >= atOnce) {
            handOn();
        }
        running.add(threads.submit(task));
    }

    /** Waits for everything that was submitted. */
    void drain() {
        while (!running.isEmpty()) {
            handOn();
        }
    }

    private void handOn() {
        Future<T> oldest = running.remove();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    results.accept(oldest.get());
                    return;
                } catch (InterruptedException e) {
                    // A table at work is never abandoned; stopping is asked of it by the stop signal.
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
