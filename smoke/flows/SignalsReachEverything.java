package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import lib.Lake;
import lib.LakeTable;
import lib.Report;
import lib.Running;
import lib.Sink;
import lib.SlowWire;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A signal in the midst of what takes long: a transfer at 1 KB/s, and the plan for many files, as many as
 * {@code -Dsink.files} says.
 */
class SignalsReachEverything {
    private static final Duration IN_TIME = Duration.ofSeconds(10);
    private static final int FILES = Integer.getInteger("sink.files", 20_000);
    private static final int FILES_A_MANIFEST = 1_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"download", "upload"})
    void a_slow_transfer_is_given_up(String what) throws IOException, InterruptedException {
        try (S3Server server = S3Server.start(directory);
                SlowWire wire =
                        what.equals("download") ? SlowWire.downloads(server.port()) : SlowWire.uploads(server.port())) {
            PathWarehouse warehouse = PathWarehouse.onS3(server, "s3://lake/exports");
            try (TableSource source = warehouse.open()) {
                warehouse.create("t", 2, Map.of());
                BaseTable table = PathWarehouse.load(source, "t");
                for (int file = 0; file < 3; file++) {
                    new TableChanges(table)
                            .append(LakeTable.rows(LongStream.range(0, 40_000).toArray()));
                }
            }
            List<String> rows = warehouse.reader("t").rows();
            Sink slow = sink("slow", warehouse.with(S3Server.properties(wire.uri())));

            Running running = slow.start("maintain", "--compact", "--report", "json");
            wire.awaitSlow();
            Report report = stopped(running);

            assertThat(report.lastAction("paths.t").reason()).as("%s", report).isEqualTo("interrupted");
            assertThat(warehouse.reader("t").rows()).isEqualTo(rows);

            Report next = sink("quick", warehouse).maintain("--compact");

            assertThat(next.lastAction("paths.t").reason()).as("%s", next).isEqualTo("compacted");
            assertThat(warehouse.reader("t").rows()).containsExactlyInAnyOrderElementsOf(rows);
        }
    }

    @Test
    void what_a_killed_run_had_done_is_on_disk_and_the_next_one_says_where() throws IOException, InterruptedException {
        try (S3Server server = S3Server.start(directory);
                SlowWire wire = SlowWire.uploads(server.port())) {
            PathWarehouse warehouse = PathWarehouse.onS3(server, "s3://lake/exports");
            try (TableSource source = warehouse.open()) {
                warehouse.create("a", 2, Map.of());
                warehouse.create("b", 2, Map.of());
                for (int file = 0; file < 2; file++) {
                    new TableChanges(PathWarehouse.load(source, "b"))
                            .append(LakeTable.rows(LongStream.range(0, 40_000).toArray()));
                }
            }
            Path state = directory.resolve("state");
            Sink sink = sink("slow", warehouse.with(S3Server.properties(wire.uri())));
            Running running = sink.start("maintain", "--compact", "--state-dir", state.toString());
            wire.awaitSlow();
            running.kill();
            running.ended(Duration.ofSeconds(60));

            Path left = onlyFileIn(state.resolve("runs"));
            assertThat(left).content().contains("\"table\":\"paths.a\"").doesNotContain("\"table\":\"paths.b\"");

            Report next = sink.maintain("--state-dir", state.toString());

            assertThat(next.toString()).contains("did not end", left.toString());
            assertThat(onlyFileIn(state.resolve("runs"))).isEqualTo(left);
        }
    }

    private static Path onlyFileIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.toList();
            assertThat(found).hasSize(1);
            return found.get(0);
        }
    }

    @Test
    void the_plan_for_many_files_is_given_up() throws IOException, InterruptedException {
        try (Lake lake = Lake.make(directory)) {
            Table table = lake.create("many", 2, Map.of()).table();
            for (int from = 0; from < FILES; from += FILES_A_MANIFEST) {
                AppendFiles append = table.newFastAppend();
                for (int file = from; file < Math.min(FILES, from + FILES_A_MANIFEST); file++) {
                    append.appendFile(DataFiles.builder(table.spec())
                            .withPath(table.location() + "/data/" + file + ".parquet")
                            .withFileSizeInBytes(1_000)
                            .withRecordCount(10)
                            .withFormat(FileFormat.PARQUET)
                            .build());
                }
                append.commit();
            }
            table.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
            Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);

            Running running = sink.start("maintain", "-v", "--max-shrink-percent", "100", "--report", "json");
            running.awaitStderr("lake.web.many: begin");
            Report report = stopped(running);

            assertThat(report.lastAction("lake.web.many").reason())
                    .as("%s", report)
                    .isEqualTo("interrupted");
        }
    }

    private static Report stopped(Running running) throws IOException, InterruptedException {
        long start = System.nanoTime();
        running.signal("TERM");
        Report report = running.ended(Duration.ofSeconds(60)).report();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("out %d ms after SIGTERM%n", took.toMillis());
        assertThat(took).as("%s", report).isLessThan(IN_TIME);
        assertThat(report.exit()).as("%s", report).isEqualTo(143);
        return report;
    }

    private Sink sink(String name, PathWarehouse warehouse) throws IOException {
        return Sink.in(Files.createDirectories(directory.resolve(name))).configured("""
                version: 1
                catalogs:
                %smaintenance:
                  compact: { min-data-files: 2, min-input-files: 2 }
                """.formatted(warehouse.yaml()));
    }
}
