package io.sink.action;

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
}
