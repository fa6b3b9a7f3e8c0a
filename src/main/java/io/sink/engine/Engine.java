package io.sink.engine;

import java.util.List;

/** Runs tasks that do not depend on each other. */
public interface Engine {

    /** Whether items are sent to other processes, which know nothing that this one finds out meanwhile. */
    default boolean travels() {
        return false;
    }

    /**
     * The answers for all items, in their order.
     *
     * <p>After the first failure no further item is begun; those at work are waited for.
     *
     * @throws MemoryBudgetException if an item needs more memory than there is
     * @throws RuntimeException the first failure, with the later ones suppressed in it
     */
    <T, R> List<R> run(List<T> items, Task<T, R> task);

    /**
     * Finds out before anything is begun whether there is enough memory for each item.
     *
     * @throws MemoryBudgetException if an item needs more memory than there is
     */
    <T, R> void require(List<T> items, Task<T, R> task);

    /** Bytes of memory that one item may have at most. */
    long memory();
}
