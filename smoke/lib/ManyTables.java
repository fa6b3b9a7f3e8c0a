package lib;

import io.sink.testing.LocatedFileIO;
import io.sink.testing.PathTable;
import io.sink.testing.Pen;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Tables by the thousand in a SQLite catalog: each has three snapshots, of which one stays, and files that go with the
 * others.
 *
 * @param root the location below which the tables are
 * @param locate gives the file for a location
 */
public record ManyTables(String root, Function<String, Path> locate) {
    private static final String NAMESPACE = "many";
    private static final byte[] ROWS = "a file of rows that nobody reads".getBytes(StandardCharsets.UTF_8);

    /**
     * A table, and what an expiry that keeps one snapshot makes of its files.
     *
     * @param going the files that only expired snapshots name
     * @param staying the files that the last one needs
     */
    public record Made(String name, Set<Path> going, Set<Path> staying) {}

    /**
     * Makes tables in a new catalog.
     *
     * @param database where the catalog will be
     * @param catalog the catalog's name
     * @param dataPath the {@code write.data.path} of all of them, or null for places of their own
     */
    public List<Made> make(Path database, String catalog, int count, @Nullable String dataPath) throws IOException {
        Path empty = Files.createTempDirectory("many");
        SqliteCatalog.make(catalog, empty).close();
        Files.move(empty.resolve("catalog.db"), database);
        Files.delete(empty);
        Map<String, String> pointers = new HashMap<>();
        List<Made> made = IntStream.range(0, count)
                .parallel()
                .mapToObj(number -> {
                    String name = "t%05d".formatted(number);
                    Pen pen = history(name, dataPath);
                    String pointer = pen.write();
                    synchronized (pointers) {
                        pointers.put(name, pointer);
                    }
                    return made(name, pen, pointer);
                })
                .toList();
        register(database, catalog, pointers);
        return made;
    }

    private Pen history(String name, @Nullable String dataPath) {
        String location = root + "/" + name;
        Map<String, String> properties = new HashMap<>(Map.of("format-version", "2"));
        if (dataPath != null) {
            properties.put("write.data.path", dataPath);
        }
        FileIO io = new LocatedFileIO(locate);
        Pen pen = Pen.rehearsing(
                io,
                TableMetadata.newTableMetadata(
                        PathTable.SCHEMA, PartitionSpec.unpartitioned(), SortOrder.unsorted(), location, properties));
        BaseTable table = pen.table();
        String data = dataPath == null ? location + "/data" : dataPath;
        DataFile replaced = file(data, name);
        table.newFastAppend().appendFile(replaced).commit();
        table.newOverwrite().deleteFile(replaced).addFile(file(data, name)).commit();
        table.newFastAppend().appendFile(file(data, name)).commit();
        return pen;
    }

    private DataFile file(String directory, String table) {
        String location = directory + "/" + table + "-" + UUID.randomUUID() + ".parquet";
        Path file = locate.apply(location);
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, ROWS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(location)
                .withFormat("parquet")
                .withFileSizeInBytes(ROWS.length)
                .withRecordCount(1)
                .build();
    }

    private Made made(String name, Pen pen, String pointer) {
        Set<Path> staying = new HashSet<>();
        Set<Path> going = new HashSet<>();
        TableMetadata metadata = pen.current();
        for (Snapshot snapshot : metadata.snapshots()) {
            boolean stays = snapshot.snapshotId() == metadata.currentSnapshot().snapshotId();
            add(snapshot, pen, stays ? staying : going);
        }
        staying.add(locate.apply(pointer));
        going.removeAll(staying);
        return new Made(name, going, staying);
    }

    private void add(Snapshot snapshot, Pen pen, Set<Path> files) {
        files.add(locate.apply(snapshot.manifestListLocation()));
        for (ManifestFile manifest : snapshot.allManifests(pen.io())) {
            files.add(locate.apply(manifest.path()));
            try (var entries =
                    ManifestFiles.read(manifest, pen.io(), pen.current().specsById())) {
                entries.forEach(file -> files.add(locate.apply(file.location())));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Appends another table's file to a table, as {@code add_files} does. */
    public void borrow(Path database, String catalog, String name, Path file) {
        change(
                database,
                catalog,
                name,
                table -> table.newFastAppend()
                        .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                                .withPath(file.toString())
                                .withFormat("parquet")
                                .withFileSizeInBytes(ROWS.length)
                                .withRecordCount(1)
                                .build())
                        .commit());
    }

    /** Takes such a file out of a table again; the table's older snapshots still name it. */
    public void giveBack(Path database, String catalog, String name, Path file) {
        change(
                database,
                catalog,
                name,
                table -> table.newDelete().deleteFile(file.toString()).commit());
    }

    /** Shows a table under another name too, as a catalog does in which somebody registered it again. */
    public void alsoAs(Path database, String catalog, String name, String other) {
        register(database, catalog, Map.of(other, pointer(database, catalog, name)));
    }

    private void change(Path database, String catalog, String name, Consumer<BaseTable> change) {
        FileIO io = new LocatedFileIO(locate);
        String pointer = pointer(database, catalog, name);
        Pen pen = Pen.rehearsing(io, TableMetadataParser.read(io, pointer));
        change.accept(pen.table());
        register(database, catalog, Map.of(name, pen.write()));
    }

    private static String pointer(Path database, String catalog, String name) {
        String sql = "SELECT metadata_location FROM iceberg_tables WHERE catalog_name = ? AND table_name = ?";
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, catalog);
            query.setString(2, name);
            try (ResultSet row = query.executeQuery()) {
                return row.getString(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("no " + name + " in " + database, e);
        }
    }

    private static void register(Path database, String catalog, Map<String, String> pointers) {
        String sql = "INSERT OR REPLACE INTO iceberg_tables (catalog_name, table_namespace, table_name,"
                + " metadata_location, previous_metadata_location, iceberg_type) VALUES (?, ?, ?, ?, NULL, 'TABLE')";
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                PreparedStatement insert = connection.prepareStatement(sql)) {
            connection.setAutoCommit(false);
            for (Map.Entry<String, String> pointer : pointers.entrySet()) {
                insert.setString(1, catalog);
                insert.setString(2, NAMESPACE);
                insert.setString(3, pointer.getKey());
                insert.setString(4, pointer.getValue());
                insert.addBatch();
            }
            insert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot register tables in " + database, e);
        }
    }
}
