package io.sink.engine;

import java.io.Serializable;

/**
 * What is done with each of many items. It may be sent to another process, by Java serialization, and may be tried
 * there more than once; its need and its result must not depend on where it runs.
 *
 * @param <T> an item, which travels with it
 * @param <R> the answer, which travels back
 */
public interface Task<T, R> extends Serializable {
    /** Memory that this item takes while it is worked on. */
    Need need(T item);

    /** @param memory bytes that this item may take: at least what it needs */
    R run(T item, long memory);
}
