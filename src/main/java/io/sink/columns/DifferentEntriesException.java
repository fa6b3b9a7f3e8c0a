package io.sink.columns;

/** Two columns that should have the same entries do not. */
public class DifferentEntriesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message which entries, and where */
    public DifferentEntriesException(String message) {
        super(message);
    }
}
