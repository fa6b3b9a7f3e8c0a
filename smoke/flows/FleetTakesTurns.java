package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import lib.LakeTable;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet that no run's budget is enough for: in a few days of runs each table has its turn, however little it gains.
 */
class FleetTakesTurns {
    private static final int RUNS = 10;
    private static final List<String> BUSY = List.of("busy1", "busy2");
    private static final List<String> QUIET = List.of("quiet1", "quiet2", "quiet3", "quiet4", "quiet5", "quiet6");
    private static final int BUSY_FILES = 24;
    private static final int QUIET_FILES = 3;
    private static final long[] FEW_ROWS = {1, 2, 3};
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private final SortedMap<String, PathTable> tables = new TreeMap<>();
    private final SortedMap<String, List<String>> rows = new TreeMap<>();
    private Sink sink;

    @BeforeEach
    void make_a_fleet() throws IOException {
        Path paths = Files.createDirectory(directory.resolve("paths"));
        for (String name : BUSY) {
            PathTable table = PathTable.create(paths, name, 2, Map.of());
            tables.put(name, table);
            fragment(table);
        }
        for (String name : QUIET) {
            PathTable table = PathTable.create(paths, name, 2, Map.of());
            tables.put(name, table);
            new LakeTable(table.load())
                    .replaceByFiles(QUIET_FILES, LongStream.range(0, 1_800).toArray());
        }
        tables.forEach((name, table) -> rows.put(name, table.reader().rows()));
        sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  paths: { type: path, warehouse: ./paths }
                maintenance:
                  compact: { min-data-files: 2, min-input-files: 2 }
                """);
    }

    /** As its writers do each day: the same rows in as many files again. */
    private static void fragment(PathTable busy) throws IOException {
        new LakeTable(busy.load()).replaceByFiles(BUSY_FILES, FEW_ROWS);
    }

    @Test
    void within_ten_runs_each_table_has_its_turn() throws IOException, InterruptedException {
        Report plan = sink.maintain("--compact", "--dry-run");
        long budget = BUSY.stream().mapToLong(name -> wouldRead(plan, name)).sum();
        for (String name : QUIET) {
            // The busy ones alone take the whole budget each day, and whoever goes first leaves room for one other.
            assertThat(gain(plan, name)).as(name).isLessThan(gain(plan, BUSY.get(0)));
            assertThat(wouldRead(plan, name)).as(name).isBetween(budget / 3 + 1, budget / 2);
        }
        TreeSet<String> hungry = new TreeSet<>(QUIET);
        List<List<String>> turns = new ArrayList<>();

        for (int run = 0; run < RUNS && !hungry.isEmpty(); run++) {
            for (var table : tables.entrySet()) {
                makeOlder(table.getValue(), Duration.ofDays(1));
                if (BUSY.contains(table.getKey())) {
                    fragment(table.getValue());
                }
            }
            Report report = sink.maintain("--compact", "--max-run-bytes", Long.toString(budget));

            assertThat(report.exit()).as("%s", report).isZero();
            List<String> compacted = new ArrayList<>();
            long read = 0;
            for (JsonNode table : report.json().path("tables")) {
                String name = table.path("table").asText().replace("paths.", "");
                Action action = report.action("paths." + name, "compact");
                assertThat(action.reason()).as(name).isIn("compacted", "deferred-budget", "below-threshold");
                if (action.reason().equals("compacted")) {
                    compacted.add(name);
                    read += action.effect("bytes_read");
                }
            }
            turns.add(compacted);
            hungry.removeAll(compacted);
            assertThat(read).as("%s", turns).isBetween(1L, budget);
        }

        System.out.printf("turns of %d runs, each of two tables: %s%n", turns.size(), turns);
        assertThat(hungry).as("%s", turns).isEmpty();
        assertThat(turns.stream().flatMap(List::stream)).as("%s", turns).containsAll(BUSY);
        tables.forEach(
                (name, table) -> assertThat(table.reader().rows()).as(name).isEqualTo(rows.get(name)));
    }

    private static long wouldRead(Report plan, String name) {
        return plan.action("paths." + name, "compact").effect("bytes_read");
    }

    private static long gain(Report plan, String name) {
        return plan.action("paths." + name, "compact").effect("data_files_rewritten");
    }

    /** Lets time go by: whatever the newest metadata says happened, happened that much earlier. */
    private static void makeOlder(PathTable table, Duration by) throws IOException {
        Path metadata = table.reader().metadata();
        JsonNode json = JSON.readTree(metadata.toFile());
        for (String time : List.of("last-updated-ms", "timestamp-ms")) {
            for (JsonNode parent : json.findParents(time)) {
                ((ObjectNode) parent).put(time, parent.path(time).asLong() - by.toMillis());
            }
        }
        JSON.writeValue(metadata.toFile(), json);
    }
}
