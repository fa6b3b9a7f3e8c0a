package io.sink.storage;

import io.sink.table.TableFile;

/**
 * A file that was looked at and is there.
 *
 * @param bytes its length as the storage says
 * @param isSeen false where the storage said that it is not there, and listed it
 */
public record FoundFile(TableFile file, long bytes, boolean isSeen) {
    /** A file that the storage says is there. */
    public FoundFile(TableFile file, long bytes) {
        this(file, bytes, true);
    }
}
