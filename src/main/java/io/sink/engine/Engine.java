package io.sink.engine;

import java.util.List;
import java.util.function.Function;

/** Runs tasks that do not depend on each other. */
public interface Engine {

    /**
     * The answers to all tasks, in their order.
     *
     * <p>After the first failure no further task is begun; those at work are waited for.
     *
     * @throws RuntimeException the first failure, with the later ones suppressed in it
     */
    <T, R> List<R> run(List<T> tasks, Function<T, R> work);
}
