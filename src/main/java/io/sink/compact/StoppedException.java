package io.sink.compact;

/** A rewrite or a proof ended early because its {@link StopSignal} was raised; what it staged is still there. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("stopped before the end");
    }
}
