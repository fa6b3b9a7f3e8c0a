package io.sink.storage;

import org.apache.iceberg.io.FileIO;

/** Storage that remembers which writes were sent to it and not answered: such a file may appear at any time. */
public interface UnansweredWrites {

    /** Whether the request that finishes this file was sent, and no answer said that it succeeded. */
    boolean isUnanswered(String location);

    /** As {@link #isUnanswered}, for any storage; false for one that does not remember its writes. */
    static boolean of(FileIO io, String location) {
        return io instanceof UnansweredWrites writes && writes.isUnanswered(location);
    }
}
