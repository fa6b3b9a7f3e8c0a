package io.sink.pages;

import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveTask;

/**
 * A piece of work that another thread may take on.
 *
 * <p>Who waits for one goes on with what it has forked since. A plain {@code join} does not: a thread that gave away
 * its oldest task would sleep until that is done, with the next ones in its queue.
 *
 * @param <T> what comes of it
 */
final class Work<T> extends RecursiveTask<T> {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // Never written anywhere.
    private final Callable<T> making;

    private Work(Callable<T> making) {
        this.making = making;
    }

    static <T> Work<T> forked(Callable<T> making) {
        Work<T> work = new Work<>(making);
        work.fork();
        return work;
    }

    /** What is there already. */
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

    /** What comes of it, or what it throws. */
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
