package io.sink.pages;

import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveTask;

/**
 * A task that another thread may take over.
 *
 * <p>A thread that waits for a task meanwhile runs tasks that it has forked since. With a plain {@code join}, a thread
 * whose oldest task was taken over would sleep until that is done, with its next tasks still in the queue.
 *
 * @param <T> the result
 */
final class Work<T> extends RecursiveTask<T> {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // Never serialized.
    private final Callable<T> making;

    private Work(Callable<T> making) {
        this.making = making;
    }

    static <T> Work<T> forked(Callable<T> making) {
        Work<T> work = new Work<>(making);
        work.fork();
        return work;
    }

    /** A task that is done already, with this result. */
    static <T> Work<T> done(T value) {
        Work<T> work = new Work<>(() -> value);
        work.complete(value);
        return work;
    }

    @Override
    protected T compute() {
        try {
            return making.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for the result, or throws what the task threw. */
    T await() {
        while (!isDone()) {
            ForkJoinTask<?> own = pollNextLocalTask();
            if (own == null) {
                break;
            }
            own.quietlyInvoke();
        }
        return join();
    }
}
