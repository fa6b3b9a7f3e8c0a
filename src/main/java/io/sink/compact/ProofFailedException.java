package io.sink.compact;

/** What a rewriter wrote is not what it had to write; the message names the first thing that differs, and both values. */
final class ProofFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProofFailedException(String message) {
        super(message);
    }
}
