package io.sink.commit;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A pool for Iceberg's {@code Tasks}, which ask each of their tasks whether it is done, and sleep for 10 ms if one is
 * not. That was most of the time of a commit to a small table. A task of this pool answers once it is done, or after a
 * second.
 */
final class PromptPool extends AbstractExecutorService {
    private static final long PATIENCE_MILLIS = 1000;

    private final ExecutorService pool;

    /** @param pool does the work; this one does not shut it down */
    PromptPool(ExecutorService pool) {
        this.pool = pool;
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Callable<T> task) {
        return new Awaited<>(task);
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Runnable task, T value) {
        return new Awaited<>(() -> {
            task.run();
            return value;
        });
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    @Override
    public void shutdown() {
        throw new UnsupportedOperationException("it is not this one's to end");
    }

    @Override
    public List<Runnable> shutdownNow() {
        throw new UnsupportedOperationException("it is not this one's to end");
    }

    @Override
    public boolean isShutdown() {
        return pool.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return pool.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return pool.awaitTermination(timeout, unit);
    }

    private static final class Awaited<T> extends FutureTask<T> {
        Awaited(Callable<T> task) {
            super(task);
        }

        @Override
        public boolean isDone() {
            if (!super.isDone()) {
                try {
                    get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                } catch (ExecutionException | CancellationException | TimeoutException e) {
                    return super.isDone();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return super.isDone();
        }
    }
}
