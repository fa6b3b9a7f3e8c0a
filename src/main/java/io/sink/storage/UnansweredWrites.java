package io.sink.storage;

import org.apache.iceberg.io.FileIO;

/** Storage that remembers which writes were sent to it and not answered: such a file may come to be at any time. */
public interface UnansweredWrites {

    /** Whether this file was to be finished, and nothing came back that says that it was. */
    boolean isUnanswered(String location);

    /** The same for any storage; one that does not remember has answered them all. */
    static boolean of(FileIO io, String location) {
        return io instanceof UnansweredWrites writes && writes.isUnanswered(location);
    }
}
