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
 * Tables that were at a table's place before it: one that was dropped, and the table was created anew where it had
 * been.
 *
 * <p>Journals in a table's metadata folder that bear another UUID are of such a table, or of a living one that shares
 * the folder. What they name may go only if no table with that UUID is known, it lies in this table's own location, and
 * no metadata with that UUID in the folder needs it: a table that was dropped without its files can be registered
 * again.
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
     * @param known whether there is a table with this UUID, or may be one in a catalog that cannot be read. Asked only
     *     about what could be settled otherwise
     */
    public EarlierTables(TableOperations ops, Predicate<String> known) {
        this.ops = ops;
        this.known = known;
    }

    /** Where nothing is known of other tables, none is taken for gone. */
    static EarlierTables none(TableOperations ops) {
        return new EarlierTables(ops, any -> true);
    }

    /** What a person is told whose it is. */
    public static String described(String uuid) {
        return "an earlier table (UUID " + uuid + ") at this place";
    }

    /** Whether the UUID is that of another table, and none with it is known. */
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
     * Those of the files that metadata of the earlier table needs, as far as it lies in the folder of this table's
     * metadata.
     *
     * @throws RuntimeException if any metadata file there, or what it names, cannot be read; then every file is needed
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
            TableMetadata newest = left.get(left.size() - 1);
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

    private interface Each {
        void accept(String path);
    }

    /** What an expiry of that table took out of its newest metadata may be missing: then it can name nothing. */
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
                        return;
                    }
                }
            });
        } catch (NotFoundException expired) {
            return;
        }
    }

    /** The metadata of a table in the folder, the newest last. */
    private List<TableMetadata> metadata(String uuid) {
        if (!(ops.io() instanceof SupportsPrefixOperations listing)) {
            throw new IllegalStateException("the storage cannot list the metadata of " + described(uuid));
        }
        Set<String> own = Stream.concat(
                        Stream.ofNullable(ops.current().metadataFileLocation()),
                        ops.current().previousFiles().stream().map(TableMetadata.MetadataLogEntry::file))
                .collect(Collectors.toSet());
        Iterable<FileInfo> folder = listing.listPrefix(ops.metadataFileLocation(""));
        List<String> others = StreamSupport.stream(folder.spliterator(), false)
                .map(FileInfo::location)
                .filter(file -> METADATA.matcher(file).matches() && !own.contains(file))
                .toList();
        Queue<TableMetadata> found = new ConcurrentLinkedQueue<>();
        Parallel.each(others, file -> {
            try {
                // One without a UUID is of a time before tables had them, and could be its.
                String theirs = uuidIn(file);
                if (theirs.isEmpty() || theirs.equals(uuid)) {
                    found.add(TableMetadataParser.read(ops.io(), file));
                }
            } catch (NotFoundException gone) {
                return;
            }
        });
        return found.stream()
                .sorted(Comparator.comparingLong(TableMetadata::lastSequenceNumber)
                        .thenComparingLong(TableMetadata::lastUpdatedMillis))
                .toList();
    }

    /** The UUID in a metadata file, or empty; most writers put it near the beginning, and the rest is not read then. */
    private String uuidIn(String location) {
        boolean zipped = location.endsWith(".gz") || location.contains(".gz.metadata.json");
        try (InputStream in = ops.io().newInputFile(location).newStream();
                InputStream plain = zipped ? new GZIPInputStream(in) : in;
                JsonParser json = JSON.createParser(plain)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalStateException("no metadata is in " + location);
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
