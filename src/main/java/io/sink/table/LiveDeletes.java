package io.sink.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.util.PartitionMap;
import org.jspecify.annotations.Nullable;

/**
 * The delete files of a snapshot, and which of them apply to a data file.
 *
 * <p>Iceberg's own index trusts the path bounds in the manifest. If a writer truncated them and did not round up, that
 * index prunes the delete file, and a rewrite would bring its rows back. This index uses bounds only if they name
 * a live data file in full, and reads the paths out of every other position-delete file. It ignores column bounds of
 * equality deletes.
 */
public final class LiveDeletes {
    private static final int PATH = MetadataColumns.DELETE_FILE_PATH.fieldId();
    private static final List<String> PATH_COLUMN = List.of(DataFile.FILE_PATH.name());

    private static final Look NO_LOOK = (manifest, deletes) -> entry -> {};
    private static final Schema PATHS = new Schema(MetadataColumns.DELETE_FILE_PATH);

    private final Map<String, DeleteFile> vectors = new HashMap<>();
    /** Of the files that have several vectors, which is invalid, one of the others. */
    private final Map<String, DeleteFile> several = new HashMap<>();

    private final Map<String, List<DeleteFile>> positions = new HashMap<>();
    private final List<DeleteFile> globalEquality = new ArrayList<>();
    private final PartitionMap<List<DeleteFile>> equality;
    private boolean byValues;
    private boolean isEmpty = true;
    /** Position-delete files that could not be read. */
    private final PartitionMap<List<DeleteFile>> unread;

    private LiveDeletes(Table table) {
        this.equality = PartitionMap.create(table.specs());
        this.unread = PartitionMap.create(table.specs());
    }

    /** A position-delete file, and the one data file that its entry names, if any. */
    private record Claim(DeleteFile delete, @Nullable String dataFile) {}

    /** The number of data files of a snapshot, and the paths that were looked for and found among them. */
    private record DataFiles(long count, Set<String> found) {}

    /**
     * The result of a scan of all manifests of a snapshot.
     *
     * @param dataFiles number of live entries of data files
     * @param deletes the delete files, unless they were not wanted
     */
    public record Scan(long dataFiles, LiveDeletes deletes) {

        /**
         * Compares this scan with another one, which reads the same manifests once more.
         *
         * @param scanned number of data files that the other scan found
         * @throws UnreadableMetadataException if the numbers differ
         * @ref LLP 0020#scan
         */
        public void requireAll(Snapshot snapshot, long scanned) {
            if (scanned != dataFiles) {
                throw new UnreadableMetadataException(
                        "manifest list " + snapshot.manifestListLocation() + " of snapshot " + snapshot.snapshotId(),
                        "its manifests have %d live data files, and a scan of them found %d"
                                .formatted(dataFiles, scanned),
                        null);
            }
        }
    }

    /** An empty index. */
    static LiveDeletes none(Table table) {
        return new LiveDeletes(table);
    }

    /**
     * Scans every manifest of the snapshot.
     *
     * @param readDeletes decides by the number of data files whether delete files are read; if not, the index is empty
     * @throws RuntimeException if a manifest or delete file cannot be read
     */
    public static Scan scan(Table table, Snapshot snapshot, LongPredicate readDeletes) {
        return scan(table, snapshot, readDeletes, NO_LOOK, false, () -> {});
    }

    /** What gets every live entry of a data file, with the delete files of the snapshot. */
    public interface Look {
        /**
         * What gets those of one manifest: their partition, rows and size. Called by several threads at once.
         *
         * @param deletes the delete files of the snapshot
         */
        DataEntries.Part of(ManifestFile manifest, LiveDeletes deletes);
    }

    /**
     * Scans as {@link #scan(Table, Snapshot, LongPredicate)} does.
     *
     * @param look gets the data files, unless delete files are not wanted. It may get them before that is known, but
     *     never with an index that is not complete
     * @param tolerant whether a position-delete file that cannot be read counts as one that names every data file of
     *     its partition. Then whoever reads these fails at it, and nobody else does
     * @param safePoint called now and then by any thread; what it throws ends the scan
     */
    public static Scan scan(
            Table table,
            Snapshot snapshot,
            LongPredicate readDeletes,
            Look look,
            boolean tolerant,
            Runnable safePoint) {
        Manifests.requireOnce(table, snapshot);
        LiveDeletes index = new LiveDeletes(table);
        List<Claim> claims = new ArrayList<>();
        for (ManifestFile manifest : Manifests.of(table, snapshot, ManifestContent.DELETES)) {
            safePoint.run();
            long[] count = new long[1];
            Manifests.liveFiles(manifest, table.io(), table.specs(), delete -> {
                count[0]++;
                index.add(table, (DeleteFile) delete, claims);
            });
            DataEntries.requireSeen(manifest, count[0]);
        }
        if (claims.isEmpty()) {
            long files = DataEntries.parts(table, snapshot, safePoint, manifest -> look.of(manifest, index));
            return new Scan(files, readDeletes.test(files) ? index : new LiveDeletes(table));
        }
        DataFiles data = dataFiles(table, snapshot, claims, safePoint);
        if (!readDeletes.test(data.count())) {
            return new Scan(data.count(), new LiveDeletes(table));
        }
        for (Claim claim : claims) {
            safePoint.run();
            if (claim.dataFile() != null && data.found().contains(claim.dataFile())) {
                index.addPositions(claim.dataFile(), claim.delete());
            } else {
                index.addNamed(table.io(), claim.delete(), tolerant);
            }
        }
        Scan scan = new Scan(data.count(), index);
        if (look != NO_LOOK) {
            scan.requireAll(
                    snapshot, DataEntries.parts(table, snapshot, safePoint, manifest -> look.of(manifest, index)));
        }
        return scan;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return isEmpty;
    }

    /** Whether rows are deleted by their values: which files that concerns, Iceberg's index of bounds narrows. */
    public boolean byValues() {
        return byValues;
    }

    /**
     * One of these data files that a position delete added after a sequence number names; null if there is none. As in
     * {@link #scan}, bounds are used only if they name such a file in full.
     */
    public static @Nullable String deletedSince(
            FileIO io, TableMetadata metadata, Snapshot snapshot, long sequenceNumber, Set<String> dataFiles) {
        List<ManifestFile> newer = new ArrayList<>();
        Manifests.of(Ancestry.of(metadata), snapshot, io, manifest -> {
            if (manifest.content() == ManifestContent.DELETES && manifest.sequenceNumber() > sequenceNumber) {
                newer.add(manifest);
            }
        });
        List<DeleteFile> added = new ArrayList<>();
        for (ManifestFile manifest : newer) {
            Manifests.liveFiles(manifest, io, metadata.specsById(), delete -> {
                if (delete.content() == FileContent.POSITION_DELETES && delete.fileSequenceNumber() > sequenceNumber) {
                    added.add((DeleteFile) delete);
                }
            });
        }
        return added.stream()
                .map(delete -> named(io, delete, dataFiles))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String named(FileIO io, DeleteFile delete, Set<String> dataFiles) {
        String claim = claim(delete);
        if (claim != null && (delete.referencedDataFile() != null || dataFiles.contains(claim))) {
            return dataFiles.contains(claim) ? claim : null;
        }
        return paths(io, delete).stream()
                .filter(dataFiles::contains)
                .findFirst()
                .orElse(null);
    }

    /**
     * Makes sure that the vector of an entry of a data file means one thing. Iceberg's own scan refuses the same.
     *
     * @throws DamagedFileException if the file has several vectors, or one that is older than the entry
     */
    public void requireClear(DataFile data) {
        DeleteFile vector = vectors.get(data.location());
        if (vector == null) {
            return;
        }
        DeleteFile other = several.get(data.location());
        if (other != null) {
            throw new DamagedFileException("%s has two deletion vectors, in %s and in %s"
                    .formatted(data.location(), vector.location(), other.location()));
        }
        if (vector.dataSequenceNumber() < data.dataSequenceNumber()) {
            throw new DamagedFileException(
                    "the deletion vector of %s in %s has sequence number %d, which is older than the file's %d"
                            .formatted(
                                    data.location(),
                                    vector.location(),
                                    vector.dataSequenceNumber(),
                                    data.dataSequenceNumber()));
        }
    }

    /** Every delete file that can drop rows of the data file; with a deletion vector, no position-delete file. */
    public List<DeleteFile> of(DataFile data) {
        if (isEmpty) {
            return List.of();
        }
        DeleteFile vector = vectors.get(data.location());
        return Stream.concat(vector != null ? Stream.of(vector) : byPosition(data), byValue(data))
                .toList();
    }

    /**
     * Every delete file that some reader may need for the data file: as {@link #of}, and also position-delete files
     * beside a deletion vector. Whether a delete file is included does not depend on other delete files.
     */
    public List<DeleteFile> neededBy(DataFile data) {
        requireClear(data);
        DeleteFile vector = vectors.get(data.location());
        return Stream.of(
                        vector == null ? Stream.<DeleteFile>empty() : Stream.of(vector),
                        byPosition(data),
                        byValue(data))
                .flatMap(deletes -> deletes)
                .toList();
    }

    private Stream<DeleteFile> byPosition(DataFile data) {
        List<DeleteFile> unreadHere = unread.get(data.specId(), data.partition());
        return Stream.concat(
                        positions.getOrDefault(data.location(), List.of()).stream(),
                        unreadHere == null ? Stream.empty() : unreadHere.stream())
                .filter(delete -> delete.dataSequenceNumber() >= data.dataSequenceNumber());
    }

    private Stream<DeleteFile> byValue(DataFile data) {
        List<DeleteFile> scoped = equality.get(data.specId(), data.partition());
        return Stream.concat(globalEquality.stream(), scoped == null ? Stream.empty() : scoped.stream())
                .filter(delete -> delete.dataSequenceNumber() > data.dataSequenceNumber());
    }

    private void add(Table table, DeleteFile delete, List<Claim> claims) {
        DeleteFile kept = delete.copyWithoutStats();
        isEmpty = false;
        switch (delete.content()) {
            case EQUALITY_DELETES -> {
                if (delete.equalityFieldIds() == null
                        || delete.equalityFieldIds().isEmpty()) {
                    throw new DamagedFileException(
                            delete.location() + " deletes rows by columns, and its manifest names none");
                }
                byValues = true;
                if (spec(table, delete.specId()).isUnpartitioned()) {
                    globalEquality.add(kept);
                } else {
                    equality.computeIfAbsent(delete.specId(), kept.partition(), ArrayList::new)
                            .add(kept);
                }
            }
            case POSITION_DELETES -> {
                if (delete.format() == FileFormat.PUFFIN) {
                    DeleteFile other = vectors.put(kept.referencedDataFile(), kept);
                    if (other != null) {
                        several.put(kept.referencedDataFile(), other);
                    }
                } else {
                    claims.add(new Claim(kept, claim(delete)));
                }
            }
            default ->
                throw new IllegalStateException(
                        "Not a delete file: " + delete.location() + " (" + delete.content() + ")");
        }
    }

    private static PartitionSpec spec(Table table, int id) {
        return Objects.requireNonNull(table.specs().get(id), () -> "partition spec " + id + " of " + table.name());
    }

    private void addNamed(FileIO io, DeleteFile delete, boolean tolerant) {
        Set<String> named;
        try {
            named = paths(io, delete);
            requireReferenced(delete, named);
        } catch (RuntimeException e) {
            if (!tolerant) {
                throw e;
            }
            unread.computeIfAbsent(delete.specId(), delete.partition(), ArrayList::new)
                    .add(delete);
            return;
        }
        named.forEach(path -> addPositions(path, delete));
    }

    /** Readers that go by what the manifest says would not apply the others. */
    private static void requireReferenced(DeleteFile delete, Set<String> named) {
        String referenced = delete.referencedDataFile();
        for (String path : named) {
            if (referenced != null && !path.equals(referenced)) {
                throw new DamagedFileException("%s deletes rows of %s, and by its manifest those of %s alone"
                        .formatted(delete.location(), path, referenced));
            }
        }
    }

    private void addPositions(String dataFile, DeleteFile delete) {
        positions.computeIfAbsent(dataFile, unused -> new ArrayList<>(1)).add(delete);
    }

    private static @Nullable String claim(DeleteFile delete) {
        if (delete.referencedDataFile() != null) {
            return delete.referencedDataFile();
        }
        ByteBuffer lower = bound(delete.lowerBounds());
        return lower != null && lower.equals(bound(delete.upperBounds()))
                ? Conversions.fromByteBuffer(MetadataColumns.DELETE_FILE_PATH.type(), lower)
                        .toString()
                : null;
    }

    private static @Nullable ByteBuffer bound(@Nullable Map<Integer, ByteBuffer> bounds) {
        return bounds == null ? null : bounds.get(PATH);
    }

    private static DataFiles dataFiles(Table table, Snapshot snapshot, List<Claim> claims, Runnable safePoint) {
        Set<String> asked = new HashSet<>();
        claims.forEach(claim -> {
            if (claim.dataFile() != null) {
                asked.add(claim.dataFile());
            }
        });
        Set<String> found = ConcurrentHashMap.newKeySet();
        long count = DataEntries.each(table, snapshot, PATH_COLUMN, safePoint, file -> {
            if (asked.contains(file.location())) {
                found.add(file.location());
            }
        });
        return new DataFiles(count, found);
    }

    /** Every data file that the position-delete file names, by its rows: footer statistics may be truncated too. */
    private static Set<String> paths(FileIO io, DeleteFile delete) {
        OrcShims.choose();
        Set<String> paths = new HashSet<>();
        long read = 0;
        try (CloseableIterable<Record> rows = FormatModelRegistry.<Record, Object>readBuilder(
                        delete.format(), Record.class, SoundParquet.of(io.newInputFile(delete), delete.format()))
                .project(PATHS)
                .build()) {
            String last = "";
            for (Record row : rows) {
                String path = row.get(0, CharSequence.class).toString();
                if (!path.equals(last)) {
                    paths.add(path);
                    last = path;
                }
                DamagedFileException.requireNoMore(delete, ++read);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            String message = e.getMessage();
            throw message != null && message.contains(delete.location())
                    ? e
                    : new DamagedFileException(delete.location() + " cannot be read", e);
        }
        DamagedFileException.requireRows(delete, read);
        return paths;
    }
}
