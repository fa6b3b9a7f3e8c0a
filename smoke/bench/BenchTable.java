package bench;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFileFactory;

/**
 * A table on local disk, without a catalog, that can be had again as it was made.
 *
 * @param warehouse holds tables of the namespace {@code bench}
 */
public record BenchTable(Path warehouse, DataSet set) {
    static final String NAMESPACE = "bench";
    private static final int FORMAT_VERSION = 2;
    private static final String HINT = "version-hint.text";

    public Path location() {
        return warehouse.resolve(NAMESPACE).resolve(set.toString());
    }

    /** What is written down once a table is whole: what it was made of, and every file that it has. */
    private Path made() {
        return warehouse.resolve(set + ".made");
    }

    /** Makes the table unless it is there, of the same size and seed. */
    public void make(long seed, boolean toy) throws IOException {
        String what = "seed " + seed + ", " + set.files(toy) + " files, " + set.rowsPerFile(toy) + " rows each";
        if (Files.exists(made()) && Files.readAllLines(made()).get(0).equals(what)) {
            reset();
            return;
        }
        Files.deleteIfExists(made());
        remove(location());
        Path metadata = Files.createDirectories(location().resolve("metadata"));
        Files.createDirectories(location().resolve("data"));
        Files.writeString(
                metadata.resolve("v1.metadata.json"),
                TableMetadataParser.toJson(TableMetadata.newTableMetadata(
                        set.schema(),
                        PartitionSpec.unpartitioned(),
                        SortOrder.unsorted(),
                        location().toString(),
                        Map.of("format-version", Integer.toString(FORMAT_VERSION)))));
        BaseTable table = load();
        int rows = set.rowsPerFile(toy);
        List<DataFile> files = IntStream.range(0, set.files(toy))
                .parallel()
                .mapToObj(number -> write(table, seed, (long) number * rows, rows))
                .toList();
        AppendFiles append = table.newFastAppend();
        files.forEach(append::appendFile);
        append.commit();
        if (set.deletedEvery() > 0) {
            delete(table, files);
        }
        Files.deleteIfExists(metadata.resolve(HINT));
        List<String> lines = new ArrayList<>(List.of(what));
        all().forEach(file -> lines.add(location().relativize(file).toString()));
        Files.write(made(), lines);
    }

    private DataFile write(BaseTable table, long seed, long first, int rows) {
        try {
            return new TableChanges(table)
                    .write(set.rows(table.schema(), seed, first, rows), table.schema(), table.spec(), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One delete file for all data files, as an engine's writer leaves it. */
    private void delete(BaseTable table, List<DataFile> files) throws IOException {
        OutputFileFactory outputs = OutputFileFactory.builderFor(table, 2, 1)
                .format(FileFormat.PARQUET)
                .build();
        PositionDeleteWriter<Record> writer = new GenericFileWriterFactory.Builder(table)
                .build()
                .newPositionDeleteWriter(outputs.newOutputFile(), table.spec(), null);
        PositionDelete<Record> delete = PositionDelete.create();
        try (writer) {
            for (DataFile file : files.stream()
                    .sorted(Comparator.comparing(DataFile::location))
                    .toList()) {
                for (long row = 0; row < file.recordCount(); row += set.deletedEvery()) {
                    writer.write(delete.set(file.location(), row));
                }
            }
        }
        table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
    }

    /** Takes away whatever a compaction added. */
    public void reset() throws IOException {
        Set<String> made = new HashSet<>(Files.readAllLines(made()));
        for (Path file : all()) {
            if (!made.contains(location().relativize(file).toString())) {
                Files.delete(file);
            }
        }
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> files = Files.walk(location())) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Removes a directory with all that is in it, if it is there. */
    static void remove(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    BaseTable load() {
        try (TableSource source =
                OpenCatalogs.open("made", "path", Map.of("warehouse", warehouse.toString()), warehouse)) {
            return source.load(new TableRef("made", List.of(NAMESPACE), set.toString()));
        }
    }

    /** The data files of the table's current snapshot. */
    public List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = load().newScan().planFiles()) {
            tasks.forEach(task -> files.add(Path.of(task.file().location())));
        }
        files.sort(Comparator.naturalOrder());
        return files;
    }

    /** The table's one file of deleted positions, if it has any. */
    public List<Path> deletes() throws IOException {
        Set<Path> files = new HashSet<>();
        try (CloseableIterable<FileScanTask> tasks = load().newScan().planFiles()) {
            tasks.forEach(task -> task.deletes().forEach(delete -> files.add(Path.of(delete.location()))));
        }
        return List.copyOf(files);
    }
}
