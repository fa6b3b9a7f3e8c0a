package io.sink.action;

/** Work ended early because it had to: the run was stopped, or its deadline passed. What was staged is still there. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The run was stopped, or its time is over. */
    public StoppedException() {
        super("stopped before the end");
    }
}
