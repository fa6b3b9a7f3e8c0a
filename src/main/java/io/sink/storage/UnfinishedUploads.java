package io.sink.storage;

import java.util.Collection;
import org.apache.iceberg.io.FileIO;

/**
 * Storage where the parts that a dead process had uploaded, of a file that never came to be, take room until they are
 * aborted.
 */
public interface UnfinishedUploads {

    /**
     * Aborts every upload to exactly these locations that was begun and not finished.
     *
     * @return how many there were
     * @throws RuntimeException if the storage does not let them be listed or aborted
     */
    int abortUploads(Collection<String> locations);

    /** The same for any storage; one that knows no such uploads has none. */
    static int abort(FileIO io, Collection<String> locations) {
        return io instanceof UnfinishedUploads storage ? storage.abortUploads(locations) : 0;
    }
}
