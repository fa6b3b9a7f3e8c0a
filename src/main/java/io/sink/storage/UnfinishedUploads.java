package io.sink.storage;

import java.util.Collection;
import org.apache.iceberg.io.FileIO;

/**
 * Storage where the parts of a file whose upload a dead process did not finish take up space until the upload is
 * aborted.
 */
public interface UnfinishedUploads {

    /**
     * Aborts every unfinished upload to exactly these locations.
     *
     * @return how many there were
     * @throws RuntimeException if the storage does not let them be listed or aborted
     */
    int abortUploads(Collection<String> locations);

    /** As {@link #abortUploads}, for any storage; 0 for one that has no such uploads. */
    static int abort(FileIO io, Collection<String> locations) {
        return io instanceof UnfinishedUploads storage ? storage.abortUploads(locations) : 0;
    }
}
