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
 * Storage that deletes files on local disk only below a given directory, even if a directory on the path is replaced by
 * a link between the check and the deletion.
 *
 * @ref LLP 0000#own-locations
 */
public interface ConfinedDeletion {

    /** A file was not deleted, because it is not a regular file or not certainly within the root. */
    final class RefusedException extends ValidationException {
        private static final long serialVersionUID = 1L;

        /** @param why a phrase that continues the message after the location */
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
     * @throws RefusedException if it is not a regular file, or if its real path leads out of the root or changed
     *     meanwhile
     * @throws RuntimeIOException if it cannot be deleted
     */
    void deleteFileWithin(Path root, String location);

    /**
     * Deletes as many of these regular files as it can, however many fail.
     *
     * @return the files that were refused, with the reason by location; the caller has to look whether the others are
     *     gone
     */
    Map<String, String> deleteFilesWithin(Path root, Collection<String> locations);

    /**
     * As {@link #deleteFileWithin}, for any storage: where deletion is not confined, the real path is checked right
     * before.
     */
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

    /** As {@link #deleteFilesWithin}, for any storage. */
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
