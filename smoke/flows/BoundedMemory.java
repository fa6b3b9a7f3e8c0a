package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import io.sink.testing.TableChanges;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import lib.PeakMemory;
import lib.Report;
import lib.Running;
import lib.Sink;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table of any size is compacted in a heap of 256 MiB, and no row of it changes.
 *
 * <p>System properties: {@code sink.memory.mb}, about the table's size (64); {@code sink.memory.tables.mb}, about the
 * size of each of eight tables at once (16).
 *
 * <p>On 2026-11-21, JDK 17, two shared cores: 64 MB (22 files) peaked at 354 MB resident in 5 s, 512 MB (171 files) at
 * 362 MB in 34 s, 3073 MB (1026 files, 20 520 000 rows) at 371 MB in 196 s. The heap is 256 MiB of each: the peak does
 * not grow with the table.
 */
@ExtendWith(Seeds.Given.class)
class BoundedMemory {
    private static final int MEGABYTES = Integer.getInteger("sink.memory.mb", 64);
    private static final int TABLE_MEGABYTES = Integer.getInteger("sink.memory.tables.mb", 16);
    private static final int TABLES = 8;
    private static final String PATHS = """
            version: 1
            catalogs:
              paths: { type: path, warehouse: ./paths }
            """;
    private static final int ROWS_PER_FILE = 20_000;
    /** The heap, and as much again for code, classes, threads and buffers outside of it. */
    private static final long PEAK_MB = 512;

    private static final Duration PATIENCE = Duration.ofMinutes(40);

    private static final Schema EVENT = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "name", Types.StringType.get()),
            Types.NestedField.optional(3, "url", Types.StringType.get()),
            Types.NestedField.optional(4, "body", Types.StringType.get()),
            Types.NestedField.optional(5, "lat", Types.DoubleType.get()),
            Types.NestedField.optional(6, "lon", Types.DoubleType.get()),
            Types.NestedField.optional(7, "kind", Types.IntegerType.get()));

    @TempDir
    Path directory;

    @Test
    void compacts_a_table_many_times_the_size_of_its_heap(Seeds seeds) throws Exception {
        seeds.once("sink.memory.mb", this::compact);
    }

    private void compact(Random random) throws Exception {
        PathTable table = PathTable.create(Files.createDirectory(directory.resolve("paths")), "t", 3, Map.of());
        int files = fill(table, random, MEGABYTES);
        Sums before = sums(table, "id");
        Sink sink = Sink.in(directory).configured(PATHS).with("SINK_JAVA_OPTS", "-Xmx256m");

        long start = System.nanoTime();
        Running running = sink.start("maintain", "--report", "json", "--compact", "--min-data-files", "5");
        long peak = PeakMemory.of(running.process());
        Report report = running.ended(PATIENCE).report();

        System.out.printf(
                "%d files, %d MB, %d rows compacted at -Xmx256m in %d s: peak RSS %d MB, from %d to %d files%n",
                files,
                before.bytes() >> 20,
                before.rows(),
                Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                peak >> 10,
                before.files(),
                sums(table, "_row_id").files());
        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(report.json().path("tables").findValuesAsText("reason"))
                .as("%s", report)
                .contains("compacted");
        Sums after = sums(table, "_row_id");
        assertThat(after.rows()).isEqualTo(before.rows());
        assertThat(after.hashes()).isEqualTo(before.hashes());
        assertThat(after.files()).isLessThan(before.files());
        assertThat(peak >> 10).isBetween(1L, PEAK_MB);
    }

    @Test
    void tables_at_work_at_once_share_the_heap_and_each_is_compacted(Seeds seeds) throws Exception {
        seeds.once("sink.memory.tables.mb", this::compactEight);
    }

    private void compactEight(Random random) throws Exception {
        Path warehouse = Files.createDirectory(directory.resolve("paths"));
        PathTable first = PathTable.create(warehouse, "t1", 3, Map.of());
        fill(first, random, TABLE_MEGABYTES);
        List<PathTable> tables = new ArrayList<>(List.of(first));
        for (int number = 2; number <= TABLES; number++) {
            tables.add(sameFiles(first, PathTable.create(warehouse, "t" + number, 3, Map.of())));
        }
        Sums before = sums(first, "id");
        Sink sink = Sink.in(directory).configured(PATHS).with("SINK_JAVA_OPTS", "-Xmx256m");

        long start = System.nanoTime();
        Report report = sink.start(
                        "maintain", "--report", "json", "--compact", "--min-data-files", "2", "--parallel", "8")
                .ended(PATIENCE)
                .report();

        System.out.printf(
                "%d tables of %d MB compacted at once at -Xmx256m in %d s%n",
                TABLES,
                before.bytes() >> 20,
                Duration.ofNanos(System.nanoTime() - start).toSeconds());
        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(report.json().path("tables").findValuesAsText("reason"))
                .as("%s", report)
                .filteredOn("compacted"::equals)
                .hasSize(TABLES);
        for (PathTable table : tables) {
            Sums after = sums(table, "id");
            assertThat(after.rows()).isEqualTo(before.rows());
            assertThat(after.hashes()).isEqualTo(before.hashes());
            assertThat(after.files()).isLessThan(before.files());
        }
    }

    @Test
    void metadata_that_unpacks_beyond_the_heap_is_the_failure_of_its_table_alone() throws Exception {
        Path warehouse = Files.createDirectory(directory.resolve("paths"));
        for (String name : List.of("a", "z")) {
            PathTable table = PathTable.create(warehouse, name, 2, Map.of());
            table.append(1);
            table.append(2);
        }
        Path metadata = Files.createDirectories(warehouse.resolve("bomb/metadata"));
        Files.write(metadata.resolve("v1.gz.metadata.json"), bomb());
        Sink sink = Sink.in(directory).configured(PATHS).with("SINK_JAVA_OPTS", "-Xmx256m");

        Report report = sink.run(
                        "maintain", "--report", "json", "--compact", "--min-data-files", "2", "--min-input-files", "2")
                .report();

        assertThat(report.exit()).as("%s", report).isEqualTo(20);
        Map<String, String> reasons = new TreeMap<>();
        report.json()
                .path("tables")
                .forEach(table -> table.path("actions")
                        .forEach(action -> reasons.merge(
                                table.path("table").asText(),
                                action.path("reason").asText(),
                                (one, other) -> one + " " + other)));
        assertThat(reasons)
                .as("%s", report)
                .hasEntrySatisfying("paths.bomb", reason -> assertThat(reason).isEqualTo("metadata-unreadable"))
                .hasEntrySatisfying("paths.a", reason -> assertThat(reason).endsWith("compacted"))
                .hasEntrySatisfying("paths.z", reason -> assertThat(reason).endsWith("compacted"));
        assertThat(report.toString()).contains("v1.gz.metadata.json unpacks to more than");
    }

    /** 11 MB that unpack to 11 GB: gzip members one behind the other, each of spaces. */
    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream member = new ByteArrayOutputStream();
        byte[] spaces = new byte[1 << 20];
        Arrays.fill(spaces, (byte) ' ');
        try (GZIPOutputStream gzip = new GZIPOutputStream(member)) {
            for (int i = 0; i < 100; i++) {
                gzip.write(spaces);
            }
        }
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        while (bomb.size() < 11 << 20) {
            member.writeTo(bomb);
        }
        return bomb.toByteArray();
    }

    /** Gives a table copies of all files of another. */
    private static PathTable sameFiles(PathTable from, PathTable to) throws IOException {
        BaseTable table = withColumns(to);
        Path data = Files.createDirectories(to.location().resolve("data"));
        AppendFiles append = table.newFastAppend();
        try (var tasks = from.load().newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                Path file = from.locate(task.file().location());
                Path copy = Files.copy(file, data.resolve(file.getFileName()));
                append.appendFile(DataFiles.builder(table.spec())
                        .copy(task.file())
                        .withPath(copy.toString())
                        .build());
            }
        }
        append.commit();
        return to;
    }

    private static BaseTable withColumns(PathTable made) {
        BaseTable table = made.load();
        table.updateSchema()
                .addColumn("url", Types.StringType.get())
                .addColumn("body", Types.StringType.get())
                .addColumn("lat", Types.DoubleType.get())
                .addColumn("lon", Types.DoubleType.get())
                .addColumn("kind", Types.IntegerType.get())
                .commit();
        assertThat(table.schema().sameSchema(EVENT)).isTrue();
        return table;
    }

    /** Appends files of a few megabytes, one a commit: a row's id is its row id. */
    private static int fill(PathTable made, Random random, int megabytes) throws IOException {
        TableChanges changes = new TableChanges(withColumns(made));
        long bytes = 0;
        int files = 0;
        while (bytes < (long) megabytes << 20) {
            bytes += changes.append(new Events(random, (long) files * ROWS_PER_FILE))
                    .get(0)
                    .fileSizeInBytes();
            files++;
        }
        return files;
    }

    /** Rows made as they are asked for, from the first to the last. */
    private static final class Events extends AbstractList<Record> {
        private final Random random;
        private final long first;

        Events(Random random, long first) {
            this.random = random;
            this.first = first;
        }

        @Override
        public Record get(int index) {
            Record row = GenericRecord.create(EVENT);
            row.set(0, first + index);
            row.set(1, random.nextInt(50) == 0 ? null : "user-" + random.nextInt(100_000));
            row.set(2, "https://example.com/" + random.nextInt(1000) + "/page/" + random.nextInt(1_000_000));
            byte[] body = new byte[40 + random.nextInt(160)];
            random.nextBytes(body);
            row.set(3, HexFormat.of().formatHex(body));
            row.set(4, random.nextDouble() * 180 - 90);
            row.set(5, random.nextInt(100) == 0 ? Double.NaN : random.nextDouble() * 360 - 180);
            row.set(6, random.nextInt(20));
            return row;
        }

        @Override
        public int size() {
            return ROWS_PER_FILE;
        }
    }

    /** What can be held of a table of any size: its live files, rows and a sum over hashes of whole rows. */
    private record Sums(int files, long bytes, long rows, String hashes) {}

    /** @param rowId the column or expression that gives the row's id in these files */
    private static Sums sums(PathTable table, String rowId) throws SQLException, IOException {
        SecondReader reader = table.reader();
        List<SecondReader.Snapshot> snapshots = reader.snapshots();
        List<Path> files = reader.files(snapshots.get(snapshots.size() - 1).id()).stream()
                .filter(file -> file.toString().endsWith(".parquet"))
                .toList();
        String names = files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", ", "[", "]"));
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET threads = 1");
            try (ResultSet sums = statement.executeQuery("SELECT count(*), CAST(sum(CAST(hash(row(" + rowId
                    + ", id, name, url, body, lat, lon, kind)) AS HUGEINT)) AS VARCHAR) FROM read_parquet(" + names
                    + ")")) {
                sums.next();
                return new Sums(files.size(), bytes, sums.getLong(1), sums.getString(2));
            }
        }
    }
}
