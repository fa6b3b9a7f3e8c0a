package io.sink.table;

/** Code tried to change a table in a run that may change nothing: a bug, never a user's mistake. */
public final class ReadOnlyException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ReadOnlyException(String attempt) {
        super("a dry run tried to " + attempt);
    }
}
