package io.sink.storage;

import io.sink.table.Failures;
import io.sink.table.TableFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Staged files of which a storage says that they are not there. A single answer does not prove it: a cache in front of
 * the storage, or one of its replicas, may not know of them yet. A listing is asked too.
 *
 * @ref LLP 0006#staging
 */
final class Unseen {
    private static final Logger LOG = LoggerFactory.getLogger(Unseen.class);

    private final FileIO io;
    /** Files that are listed, with their lengths. */
    private final Map<TableFile, Long> listed = new LinkedHashMap<>();
    /** Files of which no listing could be had. */
    private final List<TableFile> unlisted = new ArrayList<>();

    private Unseen(FileIO io) {
        this.io = io;
    }

    /** Those of the files that were not found; the local disk has one answer and is not asked twice. */
    static Unseen among(FileIO io, Locations locations, List<TableFile> files, List<FoundFile> found) {
        Set<TableFile> seen = found.stream().map(FoundFile::file).collect(Collectors.toSet());
        Unseen unseen = new Unseen(io);
        for (TableFile file : files) {
            if (!seen.contains(file) && locations.localRoot(file.path()).isEmpty()) {
                unseen.add(file);
            }
        }
        return unseen;
    }

    private void add(TableFile file) {
        try {
            Long length = listedLength(file.path());
            if (length != null) {
                listed.put(file, length);
            }
        } catch (RuntimeException e) {
            LOG.debug("{} cannot be listed: {}", file.path(), Failures.message(e));
            unlisted.add(file);
        }
    }

    private @Nullable Long listedLength(String path) {
        if (!(io instanceof SupportsPrefixOperations listing)) {
            throw new UnsupportedOperationException("the storage cannot list");
        }
        for (FileInfo info : listing.listPrefix(path)) {
            if (info.location().equals(path)) {
                return info.size();
            }
        }
        return null;
    }

    /** Whether of some of them nobody can say that they are not there. */
    boolean isUnlisted() {
        return !unlisted.isEmpty();
    }

    /** The files that were found, and those that are to be deleted all the same. */
    Collection<FoundFile> and(List<FoundFile> found) {
        List<FoundFile> all = new ArrayList<>(found);
        listed.forEach((file, length) -> all.add(new FoundFile(file, length)));
        unlisted.forEach(file -> all.add(new FoundFile(file, 0)));
        return all;
    }

    /** What a deletion did, where a file counts as gone once the listing agrees. */
    DeleteResult without(DeleteResult result) {
        Map<String, String> left = new TreeMap<>(result.left());
        Set<String> unproved = unlisted.stream().map(TableFile::path).collect(Collectors.toSet());
        for (TableFile file : listed.keySet()) {
            try {
                if (listedLength(file.path()) != null) {
                    left.putIfAbsent(file.path(), "the storage says that it is not there, and lists it");
                }
            } catch (RuntimeException e) {
                left.putIfAbsent(file.path(), "cannot be listed after its deletion: " + Failures.message(e));
            }
        }
        return new DeleteResult(
                result.deleted().stream()
                        .filter(gone -> !left.containsKey(gone.file().path())
                                && !unproved.contains(gone.file().path()))
                        .toList(),
                left);
    }
}
