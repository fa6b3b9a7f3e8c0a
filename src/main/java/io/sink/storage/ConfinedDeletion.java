package io.sink.storage;

import io.sink.table.LocationNormalizer;
import io.sink.table.RealRoots;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;

/**
 * Storage that deletes files on local disk below a given directory and nowhere else, also if a directory on the way is
 * exchanged for a link between the look at it and the deletion.
 *
 * @ref LLP 0000#own-locations
 */
public interface ConfinedDeletion {

    /** What is at this location is not deleted: no regular file, or not certainly within the root. */
    final class RefusedException extends ValidationException {
        private static final long serialVersionUID = 1L;

        /** @param why a phrase that goes on after the location */
        public RefusedException(String location, String why) {
            super("Not deleted: %s: %s", location, why);
        }
    }

    /**
     * Deletes one regular file.
     *
     * @param root the real path of the directory that the file has to lie in, at any depth
     * @param location of a file on local disk
     * @throws NotFoundException if there is no such file
     * @throws RefusedException if it is no regular file, or its real path leads out of the root, or that changed
     *     meanwhile
     * @throws RuntimeIOException if it cannot be deleted
     */
    void deleteFileWithin(Path root, String location);

    /**
     * Deletes every regular file of these that it can, however many fail.
     *
     * @return those that were refused, each with the reason; whether any other is gone is to be seen by a look
     */
    Map<String, String> deleteFilesWithin(Path root, Collection<String> locations);

    /** The same for any storage; one without handles of directories is asked right after a look at the real path. */
    static void delete(FileIO io, Path root, String location) {
        if (io instanceof ConfinedDeletion storage) {
            storage.deleteFileWithin(root, location);
            return;
        }
        String refusal = RealRoots.outside(Path.of(LocationNormalizer.of(io).normal(location)), root);
        if (refusal != null) {
            throw new RefusedException(location, refusal);
        }
        io.deleteFile(location);
    }

    /** The same for any storage and many files. */
    static Map<String, String> deleteAll(FileIO io, Path root, Collection<String> locations) {
        if (io instanceof ConfinedDeletion storage) {
            return storage.deleteFilesWithin(root, locations);
        }
        Map<String, String> refused = new TreeMap<>();
        for (String location : locations) {
            try {
                delete(io, root, location);
            } catch (NotFoundException gone) {
                continue;
            } catch (RefusedException e) {
                refused.put(location, String.valueOf(e.getMessage()));
            } catch (RuntimeException cannot) {
                continue;
            }
        }
        return refused;
    }
}
