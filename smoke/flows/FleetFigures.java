package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import lib.Lake;
import lib.LakeTable;
import lib.PeakMemory;
import lib.Report;
import lib.Running;
import lib.Sink;
import org.apache.iceberg.Transaction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What many tables cost in one run.
 *
 * <p>System properties: {@code sink.fleet.idle}, tables with nothing to do (100); {@code sink.fleet.fragmented}, tables
 * to compact (12); {@code sink.fleet.single}, of which so many are compacted in a run of their own (4).
 */
class FleetFigures {
    private static final int IDLE = Integer.getInteger("sink.fleet.idle", 100);
    private static final int FRAGMENTED = Integer.getInteger("sink.fleet.fragmented", 12);
    private static final int SINGLE = Integer.getInteger("sink.fleet.single", 4);
    private static final int FILES = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(40);

    @TempDir
    Path directory;

    @Test
    void tables_with_nothing_to_do_cost_little_and_a_bounded_heap()
            throws IOException, InterruptedException, ExecutionException {
        PathTable first = PathTable.create(Files.createDirectory(directory.resolve("paths")), "t00000", 2, Map.of());
        first.append(1);
        for (int i = 1; i < IDLE; i++) {
            copy(first, "t%05d".formatted(i));
        }
        Sink sink = Sink.in(directory).configured("""
                        version: 1
                        catalogs:
                          paths: { type: path, warehouse: ./paths }
                        """).with("SINK_JAVA_OPTS", "-Xmx256m");

        long start = System.nanoTime();
        Running running =
                sink.start("maintain", "--compact", "--report", "ndjson", "--report-file", "report.ndjson", "-q");
        long peak = PeakMemory.of(running.process());
        int exit = running.ended(PATIENCE).exit();

        System.out.printf(
                "%d tables with nothing to do: %.1f s, peak RSS %d MB at -Xmx256m%n",
                IDLE, (System.nanoTime() - start) / 1e9, peak >> 10);
        assertThat(exit).isZero();
        Map<String, Long> outcomes = Files.readAllLines(directory.resolve("report.ndjson")).stream()
                .filter(line -> line.contains("\"type\":\"table\""))
                .map(line -> line.replaceAll(".*\"outcome\":\"([a-z]+)\",\"before\".*", "$1"))
                .collect(Collectors.groupingBy(outcome -> outcome, Collectors.counting()));
        assertThat(outcomes).isEqualTo(Map.of("skipped", (long) IDLE));
    }

    /** Its metadata alone, at a place of its own: nobody reads its files where nothing is to be done. */
    private static void copy(PathTable table, String name) throws IOException {
        Path metadata =
                Files.createDirectories(table.location().resolveSibling(name).resolve("metadata"));
        String newest = Files.readString(table.location().resolve("metadata/v2.metadata.json"));
        String uuid = table.load().operations().current().uuid();
        Files.writeString(
                metadata.resolve("v2.metadata.json"),
                newest.replace(table.location() + "\"", table.location().resolveSibling(name) + "\"")
                        .replace(
                                uuid,
                                UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                                        .toString()));
    }

    @Test
    void tables_cost_less_in_one_run_than_each_in_its_own() throws IOException, InterruptedException {
        try (Lake lake = Lake.make(directory, Map.of("jdbc.journal_mode", "WAL", "jdbc.synchronous", "OFF"))) {
            for (int i = 0; i < FRAGMENTED; i++) {
                Transaction creation = lake.catalog()
                        .buildTable(Lake.id(name(i)), PathTable.SCHEMA)
                        .withProperty("format-version", "3")
                        .createTransaction();
                LakeTable table = new LakeTable(creation.table());
                for (int file = 0; file < FILES; file++) {
                    table.append(i, file);
                }
                creation.commitTransaction();
            }
        }
        Sink sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  lake: { type: jdbc, uri: "jdbc:sqlite:./lake/catalog.db", warehouse: ./lake }
                maintenance:
                  compact: { min-data-files: 2, min-input-files: 2 }
                """);
        // Half of the single runs before and half after, so that what else the machine does weighs on both alike.
        double single = singleRuns(sink, 0, SINGLE / 2);
        long start = System.nanoTime();
        Report all = sink.start("maintain", "--compact", "--report", "json", "lake.web.together*")
                .ended(PATIENCE)
                .report();
        double together = (System.nanoTime() - start) / 1e9 / (FRAGMENTED - SINGLE);
        single += singleRuns(sink, SINGLE / 2, SINGLE);
        double each = single / SINGLE;

        System.out.printf(
                "%d fragmented tables in one run: %.2f s each; %d in runs of their own: %.2f s each, %.1f times as much%n",
                FRAGMENTED - SINGLE, together, SINGLE, each, each / together);
        assertThat(all.exit()).isZero();
        List<String> compacted = all.json().path("tables").findValuesAsText("reason").stream()
                .filter("compacted"::equals)
                .toList();
        assertThat(compacted).hasSize(FRAGMENTED - SINGLE);
        assertThat(together).isLessThan(each);
    }

    private static String name(int number) {
        return (number < SINGLE ? "single%04d" : "together%04d").formatted(number);
    }

    /** Compacts each of these tables in a run of its own; the seconds of all. */
    private static double singleRuns(Sink sink, int from, int to) throws IOException, InterruptedException {
        long start = System.nanoTime();
        for (int i = from; i < to; i++) {
            String table = "lake.web." + name(i);
            assertThat(sink.maintain("--compact", table)
                            .action(table, "compact")
                            .reason())
                    .isEqualTo("compacted");
            if ((i + 1) % 100 == 0) {
                System.out.printf(
                        "%d single runs, %.2f s each%n",
                        i + 1 - from, (System.nanoTime() - start) / 1e9 / (i + 1 - from));
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }
}
