package io.sink.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Threads of this process, shared by everything that runs on this engine; a thread waits for its item's memory. */
public final class LocalEngine implements Engine {
    /** Nobody closes an engine: its threads end by themselves. */
    private static final int IDLE_SECONDS = 1;

    private final ExecutorService threads;
    private final MemoryBudget budget;

    /**
     * @param threads items at work at once, at least 1
     * @param budget of which each item reserves what it needs
     */
    public LocalEngine(int threads, MemoryBudget budget) {
        this.budget = budget;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "sink-engine");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    @Override
    public long memory() {
        return budget.total();
    }

    @Override
    public <T, R> void require(List<T> items, Task<T, R> task) {
        items.forEach(item -> budget.require(task.need(item)));
    }

    @Override
    public <T, R> List<R> run(List<T> items, Task<T, R> task) {
        AtomicBoolean failed = new AtomicBoolean();
        List<Future<R>> running = new ArrayList<>();
        for (T item : items) {
            Callable<R> call = () -> {
                requireNone(failed);
                try (MemoryBudget.Reservation memory = budget.reserve(task.need(item))) {
                    requireNone(failed);
                    return task.run(item, memory.bytes());
                } catch (Throwable e) {
                    failed.set(true);
                    throw e;
                }
            };
            running.add(threads.submit(call));
        }
        return answers(running);
    }

    private static void requireNone(AtomicBoolean failed) {
        if (failed.get()) {
            throw new CancellationException("an earlier item failed");
        }
    }

    private static <R> List<R> answers(List<Future<R>> running) {
        List<R> answers = new ArrayList<>();
        Throwable failure = null;
        for (Future<R> task : running) {
            try {
                answers.add(await(task));
            } catch (ExecutionException e) {
                failure = worse(failure, e.getCause() == null ? e : e.getCause());
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        return answers;
    }

    private static Throwable worse(@Nullable Throwable first, Throwable next) {
        if (first == null || first instanceof CancellationException) {
            return next;
        }
        if (!(next instanceof CancellationException) && first != next) {
            first.addSuppressed(next);
        }
        return first;
    }

    /** A task at work is never abandoned: whoever asked for it must know what it left. */
    private static <R> R await(Future<R> task) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
