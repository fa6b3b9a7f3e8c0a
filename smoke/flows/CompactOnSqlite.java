package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables in a SQLite catalog are compacted as the dry run said, and every row of every snapshot is as it was. */
class CompactOnSqlite {
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./lake/catalog.db", warehouse: ./lake }
            maintenance:
              compact: { min-data-files: 3, min-input-files: 2, verify: full }
            tables:
              - match: lake.web.capped
                compact: { max-bytes: 1KiB }
            """;

    private static final List<String> COMPACTED = List.of("equality", "fragmented", "positions", "vectors");

    @TempDir
    Path directory;

    private Lake lake;
    private final Map<String, Map<Long, List<String>>> rows = new TreeMap<>();
    private final Map<String, List<String>> current = new TreeMap<>();

    @BeforeEach
    void make_tables_of_every_kind() throws IOException {
        lake = Lake.make(directory);
        lake.create("fragmented", 2, Map.of())
                .append(1, 2)
                .append(3, 3)
                .tag("two")
                .append(4)
                .append(5, 6);
        lake.create("positions", 2, Map.of())
                .appendAndDeleteFirst(1, 2, 3)
                .append(4)
                .appendAndDeleteFirst(5, 6);
        lake.create("vectors", 3, Map.of())
                .append(1, 2)
                .appendAndDeleteFirst(3, 4, 5)
                .append(6)
                .appendAndDeleteFirst(7);
        lake.create("equality", 2, Map.of())
                .append(1, 2, 3)
                .append(2, 4)
                .deleteEqual(2, 3)
                .append(3);
        lake.create("small", 2, Map.of()).append(1).append(2);
        lake.create("capped", 2, Map.of()).append(1).append(2).append(3);
        lake.create("empty", 2, Map.of());
        for (String table : List.of("fragmented", "positions", "vectors", "equality", "small", "capped")) {
            SecondReader reader = lake.reader(table);
            Map<Long, List<String>> bySnapshot = new TreeMap<>();
            reader.snapshots().forEach(snapshot -> bySnapshot.put(snapshot.id(), reader.rows(snapshot.id())));
            rows.put(table, bySnapshot);
            current.put(table, reader.rows());
        }
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void every_row_stays_and_the_dry_run_is_the_plan() throws IOException, InterruptedException {
        Sink sink = Sink.in(directory).configured(CONFIGURATION);
        Map<String, Long> before = Trees.contents(lake.directory());

        Report planned = sink.maintain("--compact", "--dry-run");
        Map<String, Long> afterPlan = Trees.contents(lake.directory());
        Report done = sink.maintain("--compact");

        assertThat(afterPlan).isEqualTo(before);
        assertThat(done.exit()).as("%s", done).isZero();
        for (String table : COMPACTED) {
            Action plan = planned.action("lake.web." + table, "compact");
            Action action = done.action("lake.web." + table, "compact");
            assertThat(plan.reason()).as(table).isEqualTo("would-compact");
            assertThat(action.reason()).as(table).isEqualTo("compacted");
            for (String counter :
                    List.of("data_files_rewritten", "data_files_written", "bytes_read", "delete_files_applied")) {
                assertThat(action.effect(counter)).as(table + " " + counter).isEqualTo(plan.effect(counter));
            }
            assertThat(action.effect("data_files_written")).as(table).isEqualTo(1);
            assertThat(action.effect("rows_written"))
                    .as(table)
                    .isEqualTo(current(table).size());
        }
        assertThat(reason(done, "small")).isEqualTo("below-threshold");
        assertThat(reason(done, "capped")).isEqualTo("above-byte-cap");
        assertThat(done.action("lake.web.capped", "compact").detail()).contains("max-bytes 1.0 KiB");
        assertThat(reason(done, "empty")).isEqualTo("no-current-snapshot");
        rows.keySet().forEach(this::assertRowsKept);
        assertThat(done.action("lake.web.equality", "compact").effect("delete_files_removed"))
                .isEqualTo(1);
        assertThat(lake.reader("equality").files(newest("equality")))
                .filteredOn(file -> file.toString().endsWith(".parquet"))
                .hasSize(1);

        Map<String, Long> maintained = Trees.contents(lake.directory());
        Report again = sink.maintain("--compact");
        for (String table : COMPACTED) {
            assertThat(reason(again, table)).as(table).isIn("below-threshold", "nothing-to-rewrite");
        }
        assertThat(Trees.contents(lake.directory())).isEqualTo(maintained);
    }

    private List<String> current(String table) {
        return current.getOrDefault(table, List.of());
    }

    private long newest(String table) {
        List<SecondReader.Snapshot> snapshots = lake.reader(table).snapshots();
        return snapshots.get(snapshots.size() - 1).id();
    }

    private static String reason(Report report, String table) {
        return report.action("lake.web." + table, "compact").reason();
    }

    /** Of the new snapshot and of every older one; and nothing lies about that none of them needs. */
    private void assertRowsKept(String table) {
        SecondReader reader = lake.reader(table);
        assertThat(reader.rows()).as(table).isEqualTo(current(table));
        rows.getOrDefault(table, Map.of())
                .forEach((id, before) ->
                        assertThat(reader.rows(id)).as(table + " at " + id).isEqualTo(before));
        TreeSet<Path> superfluous = SavedTree.files(lake.table(table));
        superfluous.removeAll(reader.reachable());
        superfluous.removeIf(file -> file.toString().endsWith(".metadata.json"));
        assertThat(superfluous).as(table).isEmpty();
    }
}
