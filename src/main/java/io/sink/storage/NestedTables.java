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
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/**
 * Finds other tables inside a table's own location by the metadata that lies there, since a run on one table knows of
 * no other.
 *
 * <p>Only directories that Iceberg's own layouts do not create are listed. A partition, a hash of the object-store
 * layout and {@code data} are not, so that nearly every table costs no request.
 *
 * @ref LLP 0019#nested
 */
final class NestedTables {
    private static final Pattern OF_A_PARTITION = Pattern.compile(".*=.*", Pattern.DOTALL);
    private static final Pattern OF_A_HASH = Pattern.compile("[01]{2,}|[0-9a-f]{8}");
    private static final String DATA = "data";
    private static final Set<String> OF_A_TABLE = Set.of(DATA, "metadata");

    private final FileIO io;
    private final LocationNormalizer spelling;
    private final @Nullable String uuid;
    private final Place home;
    private final boolean hashed;
    private final Map<String, Optional<String>> looked = new HashMap<>();

    /**
     * @param metadata the table's own
     * @param home its location
     */
    NestedTables(FileIO io, TableMetadata metadata, Place home) {
        this.io = io;
        this.spelling = LocationNormalizer.of(io);
        this.uuid = metadata.uuid();
        this.home = home;
        this.hashed = metadata.propertyAsBoolean(
                TableProperties.OBJECT_STORE_ENABLED, TableProperties.OBJECT_STORE_ENABLED_DEFAULT);
    }

    /**
     * A metadata file of another table in a directory between the table's location and the file, or null.
     *
     * @throws RuntimeException if a directory cannot be listed or its metadata cannot be read
     */
    @Nullable
    String around(String path) {
        if (!(io instanceof SupportsPrefixOperations storage)) {
            return null;
        }
        String below = below(path);
        boolean first = true;
        boolean inData = false;
        int begin = 0;
        for (int slash = below.indexOf('/', begin); slash >= 0; slash = below.indexOf('/', begin)) {
            String segment = below.substring(begin, slash);
            if (!segment.isEmpty() && !isOfLayout(segment, first, inData)) {
                String directory = home.spelled() + below.substring(0, slash + 1);
                String found = looked.computeIfAbsent(directory, at -> Optional.ofNullable(metadataIn(storage, at)))
                        .orElse(null);
                if (found != null) {
                    return found;
                }
            }
            inData |= first && segment.equals(DATA);
            first = false;
            begin = slash + 1;
        }
        return null;
    }

    /**
     * Whether one of Iceberg's layouts creates a directory of this name there. A hash counts only where hashes are
     * expected, since a date can look like one.
     */
    private boolean isOfLayout(String segment, boolean first, boolean inData) {
        return (first && OF_A_TABLE.contains(segment))
                || OF_A_PARTITION.matcher(segment).matches()
                || ((inData || hashed) && OF_A_HASH.matcher(segment).matches());
    }

    /** The part of a location below the table's own. */
    private String below(String path) {
        if (path.startsWith(home.spelled())) {
            return path.substring(home.spelled().length());
        }
        String normal = spelling.normal(path);
        if (!normal.startsWith(home.root())) {
            throw new IllegalArgumentException(path + " does not lie in " + home.spelled());
        }
        return normal.substring(home.root().length());
    }

    private @Nullable String metadataIn(SupportsPrefixOperations storage, String directory) {
        Iterable<FileInfo> found = storage.listPrefix(directory + "metadata/");
        try {
            for (FileInfo file : found) {
                if (TableHead.isMetadata(file.location())) {
                    // The table itself may have been here before, and may have left metadata beside that of another
                    // table.
                    String owner = TableHead.read(io, file.location())
                            .map(TableHead::uuid)
                            .orElse(null);
                    if (!Objects.equals(owner, uuid)) {
                        return file.location();
                    }
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
