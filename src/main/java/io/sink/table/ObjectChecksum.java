package io.sink.table;

import org.jspecify.annotations.Nullable;

/** The checksum of one object, found from the bytes that are written. Used by one thread at a time. */
public interface ObjectChecksum {

    /** Adds the next bytes, in the order in which they are written. */
    void update(byte[] bytes, int from, int count);

    /**
     * Asks the storage for the object, which must be complete.
     *
     * @return the name of the checksum by which it has exactly the bytes that were added; null if it has other bytes,
     *     has no checksum that can be compared, or does not answer
     */
    @Nullable
    String held();
}
