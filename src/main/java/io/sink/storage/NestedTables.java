package io.sink.storage;

import io.sink.storage.Locations.Place;
import io.sink.table.LocationNormalizer;
import io.sink.table.TableHead;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/**
 * Tables inside a table's own location, known by the metadata that lies there: a run that is narrowed to one table has
 * heard of no other.
 *
 * <p>Asked of directories that Iceberg's own layouts do not make: a partition, a hash of the object-store layout and
 * {@code data} need no look, so that nearly every table costs no request.
 *
 * @ref LLP 0019#nested
 */
final class NestedTables {
    private static final Pattern OF_A_LAYOUT = Pattern.compile(".*=.*|[01]{2,}|[0-9a-f]{8}", Pattern.DOTALL);
    private static final Pattern OF_A_TABLE = Pattern.compile("data|metadata");

    private final FileIO io;
    private final LocationNormalizer spelling;
    private final @Nullable String uuid;
    private final Place home;
    private final Map<String, Optional<String>> looked = new HashMap<>();

    /** @param uuid the table's own */
    NestedTables(FileIO io, @Nullable String uuid, Place home) {
        this.io = io;
        this.spelling = LocationNormalizer.of(io);
        this.uuid = uuid;
        this.home = home;
    }

    /**
     * A metadata file of another table in a directory between the table's location and the file, or null.
     *
     * @throws RuntimeException if a directory cannot be listed or its metadata not be read
     */
    @Nullable
    String around(String path) {
        if (!(io instanceof SupportsPrefixOperations storage)) {
            return null;
        }
        boolean first = true;
        int begin = home.spelled().length();
        if (!path.startsWith(home.spelled())) {
            begin = spelling.normal(path).equals(path) ? home.root().length() : path.length();
        }
        for (int slash = path.indexOf('/', begin); slash >= 0; slash = path.indexOf('/', begin)) {
            String segment = path.substring(begin, slash);
            boolean usual = OF_A_LAYOUT.matcher(segment).matches()
                    || (first && OF_A_TABLE.matcher(segment).matches());
            String directory = path.substring(0, slash + 1);
            String found = usual || segment.isEmpty()
                    ? null
                    : looked.computeIfAbsent(directory, at -> Optional.ofNullable(metadataIn(storage, at)))
                            .orElse(null);
            if (found != null) {
                return found;
            }
            first = false;
            begin = slash + 1;
        }
        return null;
    }

    private @Nullable String metadataIn(SupportsPrefixOperations storage, String directory) {
        Iterable<FileInfo> found = storage.listPrefix(directory + "metadata/");
        try {
            for (FileInfo file : found) {
                if (TableHead.isMetadata(file.location())) {
                    String owner = TableHead.read(io, file.location())
                            .map(TableHead::uuid)
                            .orElse(null);
                    return Objects.equals(owner, uuid) ? null : file.location();
                }
            }
            return null;
        } finally {
            if (found instanceof Closeable open) {
                close(open);
            }
        }
    }

    private static void close(Closeable open) {
        try {
            open.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close a listing", e);
        }
    }
}
