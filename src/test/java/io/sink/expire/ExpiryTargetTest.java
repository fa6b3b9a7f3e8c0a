package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.StruckOperations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.TableMetadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an expiry takes out is what both its plan and the table right before the commit say, less what a ref needs. */
class ExpiryTargetTest {
    @TempDir
    Path warehouse;

    private PathTable table;
    private long old;

    @BeforeEach
    void make_a_table() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        old = table.currentSnapshot();
        table.replace(2);
        table.replace(3);
    }

    @Test
    void a_snapshot_that_a_staying_ref_needs_stays_whatever_is_asked() {
        table.load().manageSnapshots().createTag("kept", old).commit();
        TableMetadata metadata = table.load().operations().current();

        TableMetadata without = new ExpiryTarget(Set.of(old), Set.of()).takeFrom(metadata);

        assertThat(without.snapshot(old)).isNotNull();
        assertThat(without.refs()).containsKey("kept");
        assertThat(new ExpiryTarget(Set.of(old), Set.of("kept"))
                        .takeFrom(metadata)
                        .snapshot(old))
                .isNull();
    }

    @Test
    void two_targets_take_out_what_is_in_both() {
        ExpiryTarget planned = new ExpiryTarget(Set.of(1L, 2L), Set.of("a", "b"));
        ExpiryTarget due = new ExpiryTarget(Set.of(2L, 3L), Set.of("b", "c"));

        assertThat(planned.and(due)).isEqualTo(new ExpiryTarget(Set.of(2L), Set.of("b")));
        assertThat(due.and(planned)).isEqualTo(planned.and(due));
    }

    @Test
    void a_snapshot_that_somebody_tags_between_plan_and_commit_keeps_its_files() {
        List<String> rows = table.reader().rows(old);
        StruckOperations raced = new StruckOperations(
                table.load().operations(),
                1,
                () -> table.load().manageSnapshots().createTag("late", old).commit());

        ActionResult result = Expiry.keeping(1).execute(raced);

        assertThat(table.load().refs()).as(result.toString()).containsKey("late");
        assertThat(table.reader().rows(old)).isEqualTo(rows);
        assertThat(table.reader().reachable()).allMatch(Files::exists);
        assertThat(result.detail()).as("says what went").doesNotContain(Long.toString(old));
    }

    @Test
    void a_branch_that_asks_for_more_snapshots_between_plan_and_commit_gets_them() {
        List<String> rows = table.reader().rows(old);
        StruckOperations raced = new StruckOperations(table.load().operations(), 1, () -> {
            table.load()
                    .manageSnapshots()
                    .createBranch("late", table.currentSnapshot())
                    .setMinSnapshotsToKeep("late", 3)
                    .commit();
        });

        ActionResult result = Expiry.keeping(1).execute(raced);

        assertThat(table.load().snapshot(old)).as(result.toString()).isNotNull();
        assertThat(table.reader().rows(old)).isEqualTo(rows);
    }

    @Test
    void a_snapshot_that_becomes_old_between_plan_and_commit_waits_for_the_next_run() {
        long kept = table.currentSnapshot();
        StruckOperations raced = new StruckOperations(table.load().operations(), 1, () -> table.replace(9));

        ActionResult result = Expiry.keeping(1).execute(raced);

        assertThat(result.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(table.load().snapshot(kept)).as(result.toString()).isNotNull();
    }
}
