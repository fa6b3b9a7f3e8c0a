package io.sink.table;

import java.nio.charset.StandardCharsets;
import org.apache.iceberg.relocated.com.google.common.hash.HashFunction;
import org.apache.iceberg.relocated.com.google.common.hash.Hashing;

/**
 * A 64-bit hash of a location. Equal hashes only ever keep a file: a collision keeps one that could have been deleted.
 */
public final class LocationHash {
    private static final HashFunction MURMUR = Hashing.murmur3_128();

    private LocationHash() {}

    /** The hash of a location. */
    public static long of(String location) {
        return MURMUR.hashString(location, StandardCharsets.UTF_8).asLong();
    }
}
