package io.sink.table;

/** Something tried to change a table where nothing may change: a bug, never a user's mistake. */
public final class ReadOnlyException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ReadOnlyException(String attempt) {
        super("a dry run tried to " + attempt);
    }
}
