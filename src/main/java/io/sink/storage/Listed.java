package io.sink.storage;

import io.sink.table.Failures;
import io.sink.table.TableFile;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The result of looking for files in storage that may deny a file that it has, because a cache or a replica does not
 * know of it yet. A file that is not seen is looked for in a listing.
 *
 * @param there the files that are seen or listed, in the order in which they were asked for
 * @param unlisted the files that are not seen and could not be listed
 * @ref LLP 0006#unseen
 */
public record Listed(List<FoundFile> there, List<TableFile> unlisted) {
    private static final Logger LOG = LoggerFactory.getLogger(Listed.class);

    public Listed {
        there = List.copyOf(there);
        unlisted = List.copyOf(unlisted);
    }

    /** The files that are seen, and of the others those that are listed. Files on local disk are not listed. */
    static Listed of(FileIO io, Locations locations, Collection<TableFile> files) {
        List<FoundFile> seen = Storage.look(io, files);
        Set<TableFile> others = new LinkedHashSet<>(files);
        seen.forEach(found -> others.remove(found.file()));
        others.removeIf(file -> locations.localRoot(file.path()).isPresent());
        if (others.isEmpty()) {
            return new Listed(seen, List.of());
        }
        Map<TableFile, FoundFile> found = new ConcurrentHashMap<>();
        seen.forEach(file -> found.put(file.file(), file));
        Set<TableFile> unlisted = ConcurrentHashMap.newKeySet();
        Storage.each(others, file -> {
            try {
                Long length = length(io, file.path());
                if (length != null) {
                    LOG.info("{} is listed, though the storage says that it is not there", file.path());
                    found.put(file, new FoundFile(file, length, false));
                }
            } catch (RuntimeException e) {
                LOG.debug("{} cannot be listed: {}", file.path(), Failures.message(e));
                unlisted.add(file);
            }
        });
        return new Listed(
                files.stream().filter(found::containsKey).map(found::get).toList(),
                files.stream().filter(unlisted::contains).toList());
    }

    /** The length in bytes that the listing gives for a file; null if the file is not listed. */
    static @Nullable Long length(FileIO io, String path) {
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
}
