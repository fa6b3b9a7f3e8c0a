package io.sink.table;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.util.Tasks;
import org.apache.iceberg.util.ThreadPools;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at files and deletes them, many at a time; counts by looking, never by what a call returned.
 *
 * @ref LLP 0000#truth
 */
public final class Storage {
    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);
    private static final int REQUESTS_AT_ONCE = 16;
    private static final ExecutorService REQUESTS = ThreadPools.newExitingWorkerPool("sink-storage", REQUESTS_AT_ONCE);

    private Storage() {}

    /**
     * Those of the files that are there, with their lengths.
     *
     * @throws RuntimeException if any of them cannot be looked at; a file that is not there is no error
     */
    public static List<FoundFile> look(FileIO io, Collection<TableFile> files) {
        Map<TableFile, Long> lengths = new ConcurrentHashMap<>();
        Tasks.foreach(files)
                .executeWith(REQUESTS)
                .stopOnFailure()
                .throwFailureWhenFinished()
                .run(file -> {
                    InputFile input = io.newInputFile(file.path());
                    if (input.exists()) {
                        try {
                            lengths.put(file, input.getLength());
                        } catch (NotFoundException goneMeanwhile) {
                            LOG.debug("{} went while it was looked at", file.path());
                        }
                    }
                });
        return files.stream()
                .filter(lengths::containsKey)
                .map(file -> new FoundFile(file, lengths.getOrDefault(file, 0L)))
                .toList();
    }

    /**
     * Deletes files that were found, as far as they lie in the table's own locations, and looks what is left of them.
     *
     * <p>Never throws for a file that cannot be deleted: it is in the result with its reason.
     */
    public static DeleteResult delete(FileIO io, Locations locations, List<FoundFile> files) {
        Map<String, String> left = new ConcurrentHashMap<>();
        List<FoundFile> ours = files.stream()
                .filter(found -> {
                    String refusal = locations.refusal(found.file().path());
                    if (refusal != null) {
                        left.put(found.file().path(), "not deleted: " + refusal);
                    }
                    return refusal == null;
                })
                .toList();
        Map<String, String> failures = request(io, ours);
        Tasks.foreach(ours)
                .executeWith(REQUESTS)
                .noRetry()
                .suppressFailureWhenFinished()
                .run(found -> {
                    String path = found.file().path();
                    try {
                        if (io.newInputFile(path).exists()) {
                            left.put(
                                    path,
                                    failures.getOrDefault(path, "still there after its deletion was acknowledged"));
                        }
                    } catch (RuntimeException e) {
                        left.put(path, "cannot be looked at after its deletion: " + Failures.message(e));
                    }
                });
        return new DeleteResult(
                ours.stream()
                        .filter(found -> !left.containsKey(found.file().path()))
                        .toList(),
                left);
    }

    /** Asks for the deletion of every file, in bulk where the storage can, and one by one where bulk fails. */
    private static Map<String, String> request(FileIO io, List<FoundFile> files) {
        List<String> paths = files.stream().map(found -> found.file().path()).toList();
        if (paths.isEmpty()) {
            return Map.of();
        }
        if (io instanceof SupportsBulkOperations bulk) {
            try {
                bulk.deleteFiles(paths);
                return Map.of();
            } catch (BulkDeletionFailureException e) {
                LOG.info("bulk deletion left {} of {} files; trying one by one", e.numberFailedObjects(), paths.size());
            } catch (RuntimeException e) {
                LOG.info("bulk deletion failed, trying one by one: {}", Failures.message(e));
            }
        }
        Map<String, String> failures = new ConcurrentHashMap<>();
        Tasks.foreach(paths)
                .executeWith(REQUESTS)
                .noRetry()
                .suppressFailureWhenFinished()
                .run(path -> {
                    try {
                        io.deleteFile(path);
                    } catch (NotFoundException gone) {
                        LOG.debug("{} was gone already", path);
                    } catch (RuntimeException e) {
                        failures.put(path, "could not be deleted: " + Failures.message(e));
                    }
                });
        return failures;
    }
}
