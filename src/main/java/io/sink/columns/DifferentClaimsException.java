package io.sink.columns;

/** What a footer, an index or a header says of the values of a chunk, and what they are, differ. */
final class DifferentClaimsException extends DifferentEntriesException {
    private static final long serialVersionUID = 1L;

    DifferentClaimsException(String message) {
        super(message);
    }
}
