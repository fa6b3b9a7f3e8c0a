package io.sink.table;

import java.nio.charset.StandardCharsets;
import org.apache.iceberg.relocated.com.google.common.hash.HashFunction;
import org.apache.iceberg.relocated.com.google.common.hash.Hashing;

/**
 * 64 bits that stand for a location. Equal bits are never taken for proof that nobody needs a file: a collision keeps
 * one that could have gone.
 */
public final class LocationHash {
    private static final HashFunction MURMUR = Hashing.murmur3_128();

    private LocationHash() {}

    /** The hash of a location. */
    public static long of(String location) {
        return MURMUR.hashString(location, StandardCharsets.UTF_8).asLong();
    }
}
