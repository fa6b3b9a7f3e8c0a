package io.sink.compact;

import io.sink.action.StoppedException;

/** Asked between files and every few thousand rows whether work in progress must end: a deadline, an interruption. */
@FunctionalInterface
interface StopSignal {
    /** True from the moment on that work must end. */
    boolean raised();

    /**
     * Ends the caller where the signal is up.
     *
     * @throws StoppedException if it is
     */
    default void check() {
        if (raised()) {
            throw new StoppedException();
        }
    }
}
