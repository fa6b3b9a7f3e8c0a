package io.sink.action;

/** Says whether the run is to end at the next safe point. */
@FunctionalInterface
public interface StopSignal {
    /** Never stops. */
    StopSignal NEVER = () -> false;

    boolean stopped();
}
