package io.sink.rows;

/** A data file whose rows cannot be read to the end; the cause says why. */
public final class UnreadableFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableFileException(String location, RuntimeException cause) {
        super(location + " cannot be read", cause);
    }
}
