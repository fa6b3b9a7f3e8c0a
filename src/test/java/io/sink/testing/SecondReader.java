package io.sink.testing;

import io.sink.testing.ManifestFiles.LiveFile;
import io.sink.testing.ManifestFiles.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A reader of Iceberg tables that shares no code with {@code io.sink} or with Iceberg: what it says of a table's rows
 * and files, tests may believe.
 *
 * <p>Rows are lines of JSON in the form of {@link RowSql}, the current schema's columns in order; from format version 3
 * on {@code _row_id} and {@code _last_updated_sequence_number} come first. Data and delete files must be Parquet or
 * puffin; a column of an identity partition that only the manifest knows (Hive imports) is read as null.
 */
public final class SecondReader {
    private final Path metadata;
    private final TableJson table;
    private final Function<String, Path> locate;

    /**
     * One snapshot of the table.
     *
     * @param sequence its sequence number, 0 in format version 1
     * @param refs the branches and tags that point at it
     */
    public record Snapshot(long id, long sequence, Set<String> refs) {}

    private SecondReader(Path metadata, TableJson table, Function<String, Path> locate) {
        this.metadata = metadata;
        this.table = table;
        this.locate = location -> locate.apply(location).toAbsolutePath().normalize();
    }

    /**
     * Reads the table's metadata file.
     *
     * @param locate gives the local file for a location in the metadata; {@link #local} for tables on local disk
     */
    public static SecondReader of(Path metadataJson, Function<String, Path> locate) {
        try {
            return new SecondReader(metadataJson.toAbsolutePath().normalize(), TableJson.read(metadataJson), locate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file that a plain path or a {@code file:} location names; nothing in it is decoded. */
    public static Path local(String location) {
        return Path.of(location.replaceFirst("^file:/*", "/"));
    }

    /** The metadata file that is read. */
    public Path metadata() {
        return metadata;
    }

    /** The table's snapshots, in the order of the metadata. */
    public List<Snapshot> snapshots() {
        return table.snapshots();
    }

    /** The live rows of the current snapshot, sorted; none if the table has no snapshot. */
    public List<String> rows() {
        long current = table.currentSnapshot();
        return current == -1 ? List.of() : rows(current);
    }

    /** The snapshot's live rows under the table's current schema: a sorted multiset. */
    public List<String> rows(long snapshotId) {
        return read(new LiveRows(table, table.currentSchema(), locate), snapshotId);
    }

    /** The snapshot's live rows under the schema it was written with: a sorted multiset. */
    public List<String> rowsInOwnSchema(long snapshotId) {
        return read(new LiveRows(table, table.schemaOf(snapshotId), locate), snapshotId);
    }

    private List<String> read(LiveRows rows, long snapshotId) {
        try {
            return rows.of(liveFiles(snapshotId));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot read snapshot " + snapshotId + " of " + metadata, e);
        }
    }

    /** Every file the snapshot needs: manifest list, manifests, data and delete files. */
    public NavigableSet<Path> files(long snapshotId) {
        NavigableSet<Path> files = new TreeSet<>();
        files.add(locate.apply(table.manifestList(snapshotId)));
        manifests(snapshotId).forEach(manifest -> files.add(locate.apply(manifest.path())));
        liveFiles(snapshotId).forEach(file -> files.add(locate.apply(file.path())));
        return files;
    }

    /**
     * Every file the table needs: those of all snapshots, statistics, the current metadata file, and those of the
     * metadata log that are still there.
     */
    public NavigableSet<Path> reachable() {
        NavigableSet<Path> files = new TreeSet<>();
        files.add(metadata);
        snapshots().forEach(snapshot -> files.addAll(files(snapshot.id())));
        table.statistics().map(locate).forEach(files::add);
        table.metadataLog().map(locate).filter(Files::exists).forEach(files::add);
        return files;
    }

    /** Everything that the snapshot's manifests say of each live file, inherited numbers too: a sorted multiset. */
    public List<String> entries(long snapshotId) {
        List<String> entries = new ArrayList<>();
        try {
            for (Manifest manifest : manifests(snapshotId)) {
                entries.addAll(ManifestFiles.entries(manifest, locate.apply(manifest.path())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries.stream().sorted().toList();
    }

    private List<Manifest> manifests(long snapshotId) {
        try {
            return ManifestFiles.manifests(locate.apply(table.manifestList(snapshotId)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<LiveFile> liveFiles(long snapshotId) {
        List<LiveFile> live = new ArrayList<>();
        try {
            for (Manifest manifest : manifests(snapshotId)) {
                live.addAll(ManifestFiles.liveFiles(manifest, locate.apply(manifest.path())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return live;
    }
}
