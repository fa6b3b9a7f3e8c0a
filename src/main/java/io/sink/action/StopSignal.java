package io.sink.action;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Says whether the run is to end at the next safe point. */
@FunctionalInterface
public interface StopSignal {
    /** Never stops. */
    StopSignal NEVER = () -> false;

    /** Whether somebody asked the run to stop. */
    boolean stopped();

    /** Whether the run's time is over: nothing new is begun, and what is not committed yet is given up. */
    default boolean pastDeadline() {
        return false;
    }

    /** When the run's time is over; null where it has no end. */
    default @Nullable Instant deadline() {
        return null;
    }

    /**
     * Throws if work in progress must end. Called between files and every few thousand rows.
     *
     * @throws StoppedException if the run was stopped or its time is over
     */
    default void check() {
        if (stopped() || pastDeadline()) {
            throw new StoppedException();
        }
    }
}
