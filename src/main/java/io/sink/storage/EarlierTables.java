package io.sink.storage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sink.table.Ancestry;
import io.sink.table.LiveFiles;
import io.sink.table.LocationNormalizer;
import io.sink.table.Manifests;
import io.sink.table.Parallel;
import io.sink.table.TableFile;
import io.sink.table.TableHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Earlier tables at a table's location: each was dropped, and the table was created anew in the same place.
 *
 * <p>A journal in a table's metadata folder that bears another UUID belongs to such a table, or to an existing one that
 * shares the folder. The files that it names may be deleted only if no table with that UUID is known, if they lie in
 * this table's own location, and if no metadata with that UUID in the folder needs them: a table that was dropped
 * without its files can be registered again.
 *
 * @ref LLP 0006#created-anew
 */
public final class EarlierTables {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern UUID = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
    private static final Pattern METADATA = Pattern.compile(".*\\.metadata\\.json(\\.gz)?");

    private final TableOperations ops;
    private final Predicate<String> known;

    /**
     * @param known whether a table with this UUID exists, or may exist in a catalog that cannot be read. Asked only
     *     about journals that could be settled otherwise
     */
    public EarlierTables(TableOperations ops, Predicate<String> known) {
        this.ops = ops;
        this.known = known;
    }

    /** For a caller that knows nothing of other tables: no table is taken for gone. */
    static EarlierTables none(TableOperations ops) {
        return new EarlierTables(ops, any -> true);
    }

    /** How messages name the earlier table with this UUID. */
    public static String described(String uuid) {
        return "an earlier table (UUID " + uuid + ") at this place";
    }

    /** Whether the UUID is that of another table, and no table with it is known. */
    public boolean isGone(String uuid) {
        return UUID.matcher(uuid).matches() && !uuid.equals(ops.current().uuid()) && !known.test(uuid);
    }

    /**
     * Whether all of the files lie in this table's location, and not just in another place that its properties name.
     */
    public boolean areHere(Collection<String> files) {
        Locations home = Locations.home(ops.current(), ops.io());
        return files.stream().allMatch(file -> home.refusal(file) == null);
    }

    /**
     * The paths of those files that the earlier table needs, by its metadata files in this table's metadata folder.
     *
     * @throws RuntimeException if any metadata file there, or what it names, cannot be read; then every file counts as
     *     needed
     */
    public Set<String> needed(String uuid, Collection<TableFile> files) {
        if (files.isEmpty()) {
            return Set.of();
        }
        List<TableMetadata> left = metadata(uuid);
        LocationNormalizer spelling = LocationNormalizer.of(ops.io());
        Map<String, TableFile> free = new ConcurrentHashMap<>();
        files.forEach(file -> free.put(spelling.normal(file.path()), file));
        if (!left.isEmpty()) {
            TableMetadata newest = newest(left, spelling);
            Set<TableFile> unneeded = Set.copyOf(new LiveFiles(ops.io()).unneeded(newest, free.values()));
            free.values().retainAll(unneeded);
            left.stream().flatMap(LiveFiles::named).map(spelling::normal).forEach(free::remove);
            dropNamedByExpired(left, newest, path -> free.remove(spelling.normal(path)));
        }
        return files.stream()
                .map(TableFile::path)
                .filter(path -> !free.containsKey(spelling.normal(path)))
                .collect(Collectors.toSet());
    }

    /**
     * The metadata that no other has in its log, of those with the highest sequence number. An expiry takes no sequence
     * number, and its host's clock may be behind that of the commit before it.
     */
    private static TableMetadata newest(List<TableMetadata> byTime, LocationNormalizer spelling) {
        TableMetadata last = byTime.get(byTime.size() - 1);
        Set<String> logged = byTime.stream()
                .flatMap(metadata -> metadata.previousFiles().stream())
                .map(entry -> spelling.normal(entry.file()))
                .collect(Collectors.toSet());
        return byTime.stream()
                .filter(metadata -> metadata.lastSequenceNumber() == last.lastSequenceNumber()
                        && !logged.contains(
                                spelling.normal(Objects.requireNonNull(metadata.metadataFileLocation(), "not a file"))))
                .reduce((earlier, later) -> later)
                .orElse(last);
    }

    private interface Each {
        void accept(String path);
    }

    /**
     * Drops what is named by snapshots that only older metadata has. An expiry may have deleted their manifests: a
     * manifest that is missing names nothing.
     */
    private void dropNamedByExpired(List<TableMetadata> left, TableMetadata newest, Each each) {
        Set<Long> snapshots = new HashSet<>();
        Set<String> manifests = new HashSet<>();
        for (TableMetadata metadata : left) {
            for (Snapshot snapshot : metadata.snapshots()) {
                if (newest.snapshot(snapshot.snapshotId()) == null && snapshots.add(snapshot.snapshotId())) {
                    namedBy(metadata, snapshot, manifests, each);
                }
            }
        }
    }

    private void namedBy(TableMetadata metadata, Snapshot snapshot, Set<String> read, Each each) {
        try {
            Manifests.of(Ancestry.of(metadata), snapshot, ops.io(), manifest -> {
                each.accept(manifest.path());
                if (read.add(manifest.path())) {
                    try {
                        Manifests.livePaths(manifest, ops.io(), metadata.specsById(), each::accept);
                    } catch (NotFoundException expired) {
                        requireGone(manifest.path(), expired);
                    }
                }
            });
        } catch (NotFoundException expired) {
            if (snapshot.manifestListLocation() != null) {
                requireGone(snapshot.manifestListLocation(), expired);
            }
        }
    }

    /** A store may say of a file that it lists that it is not there; then nobody knows what the file names. */
    private void requireGone(String location, NotFoundException missing) {
        for (FileInfo found : listing().listPrefix(location)) {
            if (found.location().equals(location)) {
                throw new IllegalStateException(location + " is listed and cannot be read", missing);
            }
        }
    }

    private SupportsPrefixOperations listing() {
        if (ops.io() instanceof SupportsPrefixOperations listing) {
            return listing;
        }
        throw new IllegalStateException("the storage cannot list the metadata of earlier tables");
    }

    /** The metadata of a table in the folder, by sequence number and then by time. */
    private List<TableMetadata> metadata(String uuid) {
        Set<String> own = Stream.concat(
                        Stream.ofNullable(ops.current().metadataFileLocation()),
                        ops.current().previousFiles().stream().map(TableMetadata.MetadataLogEntry::file))
                .collect(Collectors.toSet());
        Iterable<FileInfo> folder = listing().listPrefix(ops.metadataFileLocation(""));
        List<String> others = StreamSupport.stream(folder.spliterator(), false)
                .map(FileInfo::location)
                .filter(file -> METADATA.matcher(file).matches() && !own.contains(file))
                .toList();
        Queue<TableMetadata> found = new ConcurrentLinkedQueue<>();
        Parallel.each(others, file -> {
            try {
                // Metadata without a UUID was written before tables had one, and could belong to that table.
                String theirs = uuidIn(file);
                if (theirs.isEmpty() || theirs.equals(uuid)) {
                    found.add(TableMetadataParser.read(ops.io(), file));
                }
            } catch (NotFoundException gone) {
                requireGone(file, gone);
            }
        });
        return found.stream()
                .sorted(Comparator.comparingLong(TableMetadata::lastSequenceNumber)
                        .thenComparingLong(TableMetadata::lastUpdatedMillis))
                .toList();
    }

    /** The UUID in a metadata file, or empty. Most writers put it near the beginning; the rest is not read. */
    private String uuidIn(String location) {
        boolean zipped = location.endsWith(".gz") || location.contains(".gz.metadata.json");
        try (InputStream in = ops.io().newInputFile(location).newStream();
                InputStream plain = zipped ? new GZIPInputStream(in) : in;
                JsonParser json = JSON.createParser(plain)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalStateException("there is no table metadata in " + location);
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                if (TableHead.isUuid(field)) {
                    return String.valueOf(json.getValueAsString());
                }
                json.skipChildren();
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + location, e);
        }
    }
}
