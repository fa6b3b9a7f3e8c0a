package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import lib.Before;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables in a SQLite catalog, in every state that an expiry meets: looked at dry, expired, and looked at again. */
class ExpireOnSqlite {
    private static final long DAY_MS = 86_400_000;

    /** Snapshots that go, by table, where the last two of each branch stay. */
    private static final Map<String, Long> EXPIRING = Map.of(
            "branched", 2L,
            "tagged", 2L,
            "staged", 2L,
            "counted", 2L,
            "positions", 3L,
            "equality", 3L,
            "vectors", 3L,
            "short_log", 4L,
            "unlogged", 4L);

    @TempDir
    Path directory;

    private Lake lake;

    @BeforeEach
    void make_tables_in_every_state() throws IOException {
        lake = Lake.make(directory);
        lake.create("branched", 2, Map.of())
                .append(1, 2)
                .append(3)
                .branch("audit")
                .appendTo("audit", 4)
                .replace(5)
                .replace(6)
                .append(7)
                .append(8)
                .table()
                .manageSnapshots()
                .setMaxSnapshotAgeMs("audit", DAY_MS)
                .setMinSnapshotsToKeep("audit", 1)
                .commit();
        lake.create("tagged", 2, Map.of())
                .append(1)
                .replace(2)
                .tag("year-end")
                .replace(3)
                .append(4)
                .append(5);
        lake.create("staged", 2, Map.of()).append(1).stage(2).append(3).append(4);
        lake.create("counted", 2, Map.of())
                .append(1)
                .statistics()
                .replace(2)
                .append(3)
                .statistics()
                .append(4);
        lake.create("positions", 2, Map.of())
                .appendAndDeleteFirst(1, 2, 3)
                .replace(4)
                .appendAndDeleteFirst(5, 6);
        lake.create("equality", 2, Map.of())
                .append(1, 2, 3)
                .deleteEqual(1, 3)
                .replace(4)
                .append(5, 6)
                .deleteEqual(6);
        lake.create("vectors", 3, Map.of())
                .appendAndDeleteFirst(1, 2, 3)
                .replace(4)
                .appendAndDeleteFirst(5, 6);
        lake.create(
                        "short_log",
                        2,
                        Map.of(
                                "write.metadata.delete-after-commit.enabled", "true",
                                "write.metadata.previous-versions-max", "2"))
                .append(1)
                .append(2)
                .replace(3)
                .append(4)
                .append(5)
                .append(6);
        lake.create("unlogged", 2, Map.of("write.metadata.previous-versions-max", "2"))
                .append(1)
                .append(2)
                .replace(3)
                .append(4)
                .append(5)
                .append(6);
        lake.create("shared", 2, Map.of("gc.enabled", "false"))
                .append(1)
                .append(2)
                .replace(3);
        lake.create("empty", 3, Map.of());
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void a_dry_run_is_the_plan_and_the_run_does_it_once() throws IOException, InterruptedException {
        Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);
        Map<String, Before> tables = new TreeMap<>();
        EXPIRING.keySet().forEach(name -> tables.put(name, lake.before(name)));
        Map<String, Long> tree = Trees.contents(lake.directory());

        Report dry = sink.maintain("--dry-run");

        assertThat(dry.exit()).isZero();
        assertThat(Trees.contents(lake.directory())).isEqualTo(tree);
        assertThat(directory.resolve("state")).doesNotExist();
        assertThat(dry.reasons()).isEqualTo(reasons("would-expire"));

        Report real = sink.maintain();

        assertThat(real.exit()).isZero();
        assertThat(real.reasons()).isEqualTo(reasons("expired"));
        tables.forEach((name, before) -> {
            Action action = real.action("lake.web." + name);
            before.assertMaintained(action);
            Action planned = dry.action("lake.web." + name);
            assertThat(planned.deletedFiles()).as(name).isEqualTo(action.deletedFiles());
            assertThat(planned.json().path("effect"))
                    .as(name)
                    .isEqualTo(action.json().path("effect"));
        });
        assertThat(counts(real, "snapshots_expired")).isEqualTo(EXPIRING);
        assertThat(counts(real, "delete_files_deleted"))
                .isEqualTo(Map.of("positions", 1L, "equality", 1L, "vectors", 1L));
        assertThat(real.action("lake.web.counted").effect("statistics_files_deleted"))
                .isEqualTo(2);
        assertThat(real.action("lake.web.short_log").effect("metadata_files_deleted"))
                .isEqualTo(1);
        assertThat(real.action("lake.web.branched").detail()).contains("branch audit has its own");

        Map<String, Long> maintained = Trees.contents(lake.directory());
        Report again = sink.maintain();

        assertThat(again.exit()).isZero();
        assertThat(again.reasons()).isEqualTo(reasons("nothing-to-expire"));
        assertThat(Trees.contents(lake.directory())).isEqualTo(maintained);
    }

    private static Map<String, String> reasons(String ofExpiring) {
        Map<String, String> reasons = new TreeMap<>();
        EXPIRING.keySet().forEach(name -> reasons.put("lake.web." + name, ofExpiring));
        reasons.put("lake.web.shared", "gc-disabled");
        reasons.put("lake.web.empty", "no-current-snapshot");
        return reasons;
    }

    /** What a counter came to, by table, where it is not zero. */
    private static Map<String, Long> counts(Report report, String counter) {
        Map<String, Long> counts = new TreeMap<>();
        for (Action action : report.actions().values()) {
            if (action.effect(counter) > 0) {
                counts.put(action.table().substring("lake.web.".length()), action.effect(counter));
            }
        }
        return counts;
    }
}
