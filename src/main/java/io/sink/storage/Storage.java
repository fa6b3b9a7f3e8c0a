package io.sink.storage;

import io.sink.outcome.UnsupportedFeatureException;
import io.sink.table.Failures;
import io.sink.table.Parallel;
import io.sink.table.TableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.util.ThreadPools;
import org.jspecify.annotations.Nullable;
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
    private static final String S3_DELETE_ENABLED = "s3.delete-enabled";
    private static final String ACKNOWLEDGED = "still there after its deletion was acknowledged";
    private static final ExecutorService REQUESTS = ThreadPools.newExitingWorkerPool("sink-storage", REQUESTS_AT_ONCE);

    private Storage() {}

    /**
     * The files that exist, with their lengths, in the order in which they were asked for.
     *
     * @throws RuntimeException if any of them cannot be looked at; a file that does not exist is no error
     */
    public static List<FoundFile> look(FileIO io, Collection<TableFile> files) {
        Map<TableFile, Long> lengths = new ConcurrentHashMap<>();
        each(files, file -> {
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
     * The files that exist: those that the storage sees when asked for them, and those that it only lists.
     *
     * @throws RuntimeException if any of them cannot be looked at; one that cannot be listed is no error
     */
    public static Listed find(FileIO io, Locations locations, Collection<TableFile> files) {
        return Listed.of(io, locations, files);
    }

    /** Does the work for each thing, up to {@value #REQUESTS_AT_ONCE} at a time. */
    static <T> void each(Collection<T> things, Consumer<? super T> work) {
        Parallel.each(REQUESTS, things, work);
    }

    /**
     * Deletes those of the files that lie in the table's own locations, and looks which of them are left. A file that
     * was only listed counts as gone once it is not listed any more.
     *
     * <p>Deletes in bulk where the storage can, looks, and deletes one by one what is still there: the answer to a bulk
     * request is not trusted. Never throws for a file that cannot be deleted: the result has it with the reason.
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
        List<String> asked = ours.stream().map(found -> found.file().path()).toList();
        String disabled = deletionDisabled(io);
        Map<String, String> refusedOnDisk = new ConcurrentHashMap<>();
        Set<String> doubted = new HashSet<>();
        boolean inBulk = deleteInBulk(io, locations, asked, refusedOnDisk, doubted);
        Map<String, String> still = inBulk ? stillThere(io, asked) : Map.of();
        if (!inBulk || !refusedOnDisk.isEmpty() || (disabled == null && !still.isEmpty())) {
            Set<String> rest = new LinkedHashSet<>(inBulk ? still.keySet() : asked);
            rest.addAll(refusedOnDisk.keySet());
            refusedOnDisk.clear();
            if (inBulk) {
                LOG.info("bulk deletion left {} of {} files; trying one by one", rest.size(), asked.size());
            }
            Map<String, String> failures = deleteEach(io, locations, rest, refusedOnDisk);
            doubted.addAll(failures.keySet());
            still = stillThere(io, rest);
            still.replaceAll((path, why) -> why.equals(ACKNOWLEDGED) ? failures.getOrDefault(path, why) : why);
            // If its directory was replaced, a file that is not seen any more was not necessarily deleted.
            still.putAll(refusedOnDisk);
        }
        still.forEach((path, why) ->
                left.put(path, disabled != null && why.equals(ACKNOWLEDGED) ? "not deleted: " + disabled : why));
        ours.forEach(found -> {
            String path = found.file().path();
            boolean certain = locations.localRoot(path).isPresent() || (found.isSeen() && !doubted.contains(path));
            if (certain || left.containsKey(path)) {
                return;
            }
            String why = stillListed(io, path);
            if (why != null) {
                left.putIfAbsent(path, why);
            }
        });
        return new DeleteResult(
                ours.stream()
                        .filter(found -> !left.containsKey(found.file().path()))
                        .toList(),
                left);
    }

    private static @Nullable String stillListed(FileIO io, String path) {
        try {
            return Listed.length(io, path) == null ? null : "the storage says that it is not there, and lists it";
        } catch (RuntimeException e) {
            return "cannot be listed after its deletion: " + Failures.message(e);
        }
    }

    /** Why the storage deletes nothing although it acknowledges every deletion; null if it does delete. */
    static @Nullable String deletionDisabled(FileIO io) {
        try {
            return "false".equalsIgnoreCase(io.properties().get(S3_DELETE_ENABLED))
                    ? "the catalog's property " + S3_DELETE_ENABLED + " is false"
                    : null;
        } catch (UnsupportedOperationException withoutProperties) {
            return null;
        }
    }

    /**
     * Makes sure that a table's storage carries out deletions.
     *
     * @throws UnsupportedFeatureException if a property turns deletions off, so that expired and staged files would
     *     stay for good
     */
    public static void requireDeletion(FileIO io) {
        String disabled = deletionDisabled(io);
        if (disabled != null) {
            throw new UnsupportedFeatureException(disabled + ", so that no file could be deleted; where the catalog's"
                    + " server says so, overrides: { " + S3_DELETE_ENABLED + ": true } has the last word");
        }
    }

    private static Map<String, String> stillThere(FileIO io, Collection<String> paths) {
        Map<String, String> left = new ConcurrentHashMap<>();
        each(paths, path -> {
            try {
                if (io.newInputFile(path).exists()) {
                    left.put(path, ACKNOWLEDGED);
                }
            } catch (RuntimeException e) {
                left.put(path, "cannot be looked at after its deletion: " + Failures.message(e));
            }
        });
        return left;
    }

    /**
     * Deletes in bulk; returns whether the storage was asked at all, whatever came of it.
     *
     * @param refused receives each file on local disk that was not deleted, with the reason
     * @param doubted receives the files in remote storage if the deletion of any of them failed
     */
    private static boolean deleteInBulk(
            FileIO io, Locations locations, List<String> paths, Map<String, String> refused, Set<String> doubted) {
        if (paths.isEmpty() || !(io instanceof SupportsBulkOperations bulk)) {
            return false;
        }
        Map<Path, List<String>> onDisk = new LinkedHashMap<>();
        List<String> elsewhere = new ArrayList<>();
        for (String path : paths) {
            locations
                    .localRoot(path)
                    .map(root -> onDisk.computeIfAbsent(root, any -> new ArrayList<>()))
                    .orElse(elsewhere)
                    .add(path);
        }
        try {
            onDisk.forEach((root, some) -> refused.putAll(ConfinedDeletion.deleteAll(io, root, some)));
            if (!elsewhere.isEmpty()) {
                bulk.deleteFiles(elsewhere);
            }
        } catch (BulkDeletionFailureException e) {
            LOG.debug("bulk deletion says it left {} of {} files", e.numberFailedObjects(), paths.size());
            doubted.addAll(elsewhere);
        } catch (RuntimeException e) {
            LOG.info("bulk deletion failed: {}", Failures.message(e));
            doubted.addAll(elsewhere);
        }
        return true;
    }

    private static Map<String, String> deleteEach(
            FileIO io, Locations locations, Collection<String> paths, Map<String, String> refusedOnDisk) {
        Map<String, String> failures = new ConcurrentHashMap<>();
        each(paths, path -> {
            try {
                deleteOne(io, locations, path);
            } catch (NotFoundException gone) {
                LOG.debug("{} was gone already", path);
            } catch (RuntimeException e) {
                String why = "could not be deleted: " + Failures.message(e);
                failures.put(path, why);
                if (e instanceof ConfinedDeletion.RefusedException) {
                    refusedOnDisk.put(path, why);
                }
            }
        });
        return failures;
    }

    /**
     * Deletes one file that lies in the table's own locations, without looking afterwards whether it is gone.
     *
     * @throws NotFoundException if it is not there
     * @throws RuntimeException if it lies outside the table's own locations, or cannot be deleted
     */
    public static void remove(FileIO io, Locations locations, String path) {
        String refusal = locations.refusal(path);
        ValidationException.check(refusal == null, "Not deleted: %s: %s", path, refusal);
        deleteOne(io, locations, path);
    }

    private static void deleteOne(FileIO io, Locations locations, String path) {
        Optional<Path> onDisk = locations.localRoot(path);
        if (onDisk.isPresent()) {
            ConfinedDeletion.delete(io, onDisk.get(), path);
        } else {
            io.deleteFile(path);
        }
    }

    /**
     * Deletes folders of a local disk that this process made and nobody uses.
     *
     * @param folders the innermost first; one that is not empty stays
     */
    static void deleteEmptyFolders(List<Path> folders) {
        for (Path folder : folders) {
            try {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(folder);
                }
            } catch (IOException inUseOrGone) {
                return;
            }
        }
    }
}
