package io.sink.table;

import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/** Storage that keeps a checksum of each object as a whole, which shows what arrived without fetching it. */
public interface ObjectChecksums {

    /**
     * Begins the checksum of an object that is about to be written. Nothing is asked of the storage yet.
     *
     * @return null if the storage keeps no checksum that can be compared
     */
    @Nullable
    ObjectChecksum checksum(String location);

    /** As {@link #checksum}, for any storage; null for one that keeps none. */
    static @Nullable ObjectChecksum of(FileIO io, String location) {
        return io instanceof ObjectChecksums storage ? storage.checksum(location) : null;
    }
}
