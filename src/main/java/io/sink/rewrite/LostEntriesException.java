package io.sink.rewrite;

import org.jspecify.annotations.Nullable;

/** Rows that were read as records lack entries of lists and maps that their file has. */
public final class LostEntriesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostEntriesException(String file, @Nullable String column, long stored, long read) {
        super(("column %s of %s has %d entries, and %d were read: if it is a map, a key is there more than once,"
                        + " and a rewrite by records would keep only the last")
                .formatted(column, file, stored, read));
    }
}
