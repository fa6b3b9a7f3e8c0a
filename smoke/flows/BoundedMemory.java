package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import io.sink.testing.TableChanges;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import lib.PeakMemory;
import lib.Report;
import lib.Running;
import lib.Sink;
import org.apache.iceberg.BaseTable;
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
 * <p>System properties: {@code sink.memory.mb}, about the table's size (64).
 *
 * <p>On 2026-11-21, JDK 17, two shared cores: 64 MB (22 files) peaked at 354 MB resident in 5 s, 512 MB (171 files) at
 * 362 MB in 34 s, 3073 MB (1026 files, 20 520 000 rows) at 371 MB in 196 s. The heap is 256 MiB of each: the peak does
 * not grow with the table.
 */
@ExtendWith(Seeds.Given.class)
class BoundedMemory {
    private static final int MEGABYTES = Integer.getInteger("sink.memory.mb", 64);
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
        int files = fill(table, random);
        Sums before = sums(table, "id");
        Sink sink = Sink.in(directory).configured("""
                        version: 1
                        catalogs:
                          paths: { type: path, warehouse: ./paths }
                        """).with("SINK_JAVA_OPTS", "-Xmx256m");

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

    /** Appends files of a few megabytes, one a commit: a row's id is its row id. */
    private static int fill(PathTable made, Random random) throws IOException {
        BaseTable table = made.load();
        table.updateSchema()
                .addColumn("url", Types.StringType.get())
                .addColumn("body", Types.StringType.get())
                .addColumn("lat", Types.DoubleType.get())
                .addColumn("lon", Types.DoubleType.get())
                .addColumn("kind", Types.IntegerType.get())
                .commit();
        assertThat(table.schema().sameSchema(EVENT)).isTrue();
        TableChanges changes = new TableChanges(table);
        long bytes = 0;
        int files = 0;
        while (bytes < (long) MEGABYTES << 20) {
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
