package io.sink.storage;

import io.sink.table.TableFile;

/**
 * A file that exists.
 *
 * @param bytes its length according to the storage
 * @param isSeen false if the storage listed the file, but did not see it when asked for it
 */
public record FoundFile(TableFile file, long bytes, boolean isSeen) {
    /** A file that the storage sees when asked for it. */
    public FoundFile(TableFile file, long bytes) {
        this(file, bytes, true);
    }
}
