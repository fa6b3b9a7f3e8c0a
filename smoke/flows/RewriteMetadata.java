package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.SecondReader;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dangling deletes go and manifests become few, as the dry run said; every row of every snapshot is as it was. */
class RewriteMetadata {
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./lake/catalog.db", warehouse: ./lake }
            maintenance:
              manifests: { min-manifests: 3 }
            tables:
              - match: lake.web.few
                deletes: { min-dangling-deletes: 2 }
            """;
    private static final String REMOVE = "remove-dangling-deletes";
    private static final String REWRITE = "rewrite-manifests";

    @TempDir
    Path directory;

    @Test
    void every_row_and_every_entry_stays() throws IOException, InterruptedException {
        Map<String, Map<Long, List<String>>> rows = new TreeMap<>();
        Map<String, List<String>> current = new TreeMap<>();
        try (Lake lake = Lake.make(directory)) {
            for (int version : new int[] {2, 3}) {
                lake.create("late" + version, version, Map.of())
                        .appendAndDeleteFirst(1, 2)
                        .deleteTooLate(3, 4)
                        .append(5)
                        .append(5)
                        .deleteTooLate(6);
            }
            lake.create("few", 2, Map.of()).append(1).deleteTooLate(2).append(3);
            lake.create("none", 1, Map.of()).append(1).append(2);
            for (String table : List.of("late2", "late3", "few", "none")) {
                rows.put(table, rows(lake.reader(table)));
                current.put(table, lake.reader(table).rows());
            }
            Sink sink = Sink.in(directory).configured(CONFIGURATION);
            Map<String, Long> before = Trees.contents(lake.directory());

            Report planned = sink.maintain("--" + REMOVE, "--dry-run");
            Map<String, Long> afterPlan = Trees.contents(lake.directory());
            Report removed = sink.maintain("--" + REMOVE);
            Map<String, List<String>> entries = new TreeMap<>();
            for (String table : rows.keySet()) {
                entries.put(table, entries(lake.reader(table)));
            }
            Report rewritten = sink.maintain("--" + REWRITE);
            Report again = sink.maintain("--" + REMOVE, "--" + REWRITE);

            assertThat(afterPlan).isEqualTo(before);
            for (Report report : List.of(planned, removed, rewritten, again)) {
                assertThat(report.exit()).as("%s", report).isZero();
            }
            for (String table : List.of("late2", "late3")) {
                Action plan = planned.action("lake.web." + table, REMOVE);
                Action removal = removed.action("lake.web." + table, REMOVE);
                Action rewrite = rewritten.action("lake.web." + table, REWRITE);
                assertThat(plan.reason()).as("%s", planned).isEqualTo("would-remove-dangling-deletes");
                assertThat(removal.reason()).as("%s", removed).isEqualTo("dangling-deletes-removed");
                assertThat(removal.effect("delete_files_removed"))
                        .isEqualTo(plan.effect("delete_files_removed"))
                        .isEqualTo(2);
                assertThat(rewrite.reason()).as("%s", rewritten).isEqualTo("manifests-rewritten");
                assertThat(rewrite.effect("manifests_written")).isEqualTo(1);
                assertThat(entries(lake.reader(table))).as(table).isEqualTo(entries.get(table));
                assertThat(again.action("lake.web." + table, REMOVE).reason()).isEqualTo("no-dangling-deletes");
                assertThat(again.action("lake.web." + table, REWRITE).reason()).isEqualTo("below-threshold");
            }
            assertThat(removed.action("lake.web.few", REMOVE).reason()).isEqualTo("below-threshold");
            assertThat(removed.action("lake.web.none", REMOVE).reason()).isEqualTo("no-dangling-deletes");
            assertThat(rewritten.action("lake.web.none", REWRITE).reason()).isEqualTo("below-threshold");
            for (String table : rows.keySet()) {
                SecondReader reader = lake.reader(table);
                Map<Long, List<String>> now = rows(reader);
                assertThat(now).as(table).containsAllEntriesOf(rows.getOrDefault(table, Map.of()));
                assertThat(reader.rows()).as(table).isEqualTo(current.get(table));
                assertThat(reader.reachable()).allMatch(Files::exists);
            }
        }
    }

    private static Map<Long, List<String>> rows(SecondReader reader) {
        Map<Long, List<String>> rows = new TreeMap<>();
        reader.snapshots().forEach(snapshot -> rows.put(snapshot.id(), reader.rows(snapshot.id())));
        return rows;
    }

    private static List<String> entries(SecondReader reader) {
        return reader.snapshots().stream()
                .filter(snapshot -> snapshot.refs().contains("main"))
                .findFirst()
                .map(snapshot -> reader.entries(snapshot.id()))
                .orElseThrow();
    }
}
