package io.sink.action;

/** What was written is not what had to be written; the message names the first thing that differs, and both values. */
public final class ProofFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what was to be equal, and both values */
    public ProofFailedException(String message) {
        super(message);
    }
}
