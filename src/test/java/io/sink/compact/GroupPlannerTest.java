package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.rewrite.Attempt;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RecordRewriter;
import io.sink.testing.Attempts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupPlannerTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void a_table_below_the_threshold_is_left_alone() {
        SmallTable small = SmallTable.plain(directory, 2);
        appendFiles(small, 4);

        stays(
                small.table,
                Compaction.policy(5, 2, MIB),
                Reason.BELOW_THRESHOLD,
                "4 live data files, fewer than min-data-files 5");
    }

    @Test
    void partitions_of_one_file_are_not_rewritten_again_and_again() {
        SmallTable small = SmallTable.byId(directory);
        for (int id = 0; id < 8; id++) {
            small.append(id, 3);
        }

        stays(
                small.table,
                Compaction.policy(5, 2, MIB),
                Reason.NOTHING_TO_REWRITE,
                "no group among 8 candidates of 8 live data files");
    }

    @Test
    void files_of_the_wanted_size_are_no_candidates() {
        SmallTable small = SmallTable.plain(directory, 2);
        long size = 0;
        for (int i = 0; i < 5; i++) {
            size = small.append(i, 100).fileSizeInBytes();
        }

        stays(
                small.table,
                Compaction.policy(1, 2, size),
                Reason.NOTHING_TO_REWRITE,
                "no group among 0 candidates of 5 live data files");
    }

    @Test
    void a_plan_names_groups_files_bytes_and_deletes() {
        SmallTable small = SmallTable.plain(directory, 2);
        DataFile first = small.append(0, 50);
        appendFiles(small, 5);
        small.deletePositions(first, 0L, 1L);

        CompactPlan plan = planned(small.table, Compaction.policy(1, 5, MIB));

        assertThat(plan.groups()).hasSize(1);
        assertThat(plan.liveDataFiles()).isEqualTo(6);
        assertThat(plan.candidates()).isEqualTo(6);
        assertThat(plan.inputFiles()).isEqualTo(6);
        assertThat(plan.expectedOutputs()).isEqualTo(1);
        assertThat(plan.deletesToApply()).isEqualTo(1);
        assertThat(plan.bytesToRead()).isGreaterThan(plan.groups().get(0).dataBytes());
        assertThat(plan.sorted()).isFalse();
        assertThat(plan.startSnapshotId())
                .isEqualTo(small.table.currentSnapshot().snapshotId());
    }

    @Test
    void a_single_file_with_deletes_is_rewritten_once() {
        SmallTable small = SmallTable.plain(directory, 2);
        DataFile file = small.append(0, 50);
        small.deletePositions(file, 3L);

        CompactPlan plan = planned(small.table, Compaction.policy(1, 5, MIB));
        Compaction.run(small.table, plan, new RecordRewriter(Attempt.of(small.table, "run", Attempts.MEMORY)));

        assertThat(LocalTable.rows(small.table)).hasSize(49);
        stays(
                small.table,
                Compaction.policy(1, 5, MIB),
                Reason.NOTHING_TO_REWRITE,
                "no group among 1 candidates of 1 live data files");
    }

    @Test
    void delete_files_left_dangling_make_no_candidate() {
        SmallTable small = SmallTable.plain(directory, 2);
        DataFile first = small.append(0, 50);
        DataFile second = small.append(1, 50);
        small.table
                .newRowDelta()
                .addDeletes(small.files.positionDeletes(
                        Map.of(first.location(), Set.of(1L), second.location(), Set.of(2L)),
                        small.table.spec(),
                        first.partition()))
                .commit();
        CompactPlan plan = planned(small.table, Compaction.policy(1, 2, MIB));
        Compaction.run(small.table, plan, new RecordRewriter(Attempt.of(small.table, "run", Attempts.MEMORY)));

        stays(
                small.table,
                Compaction.policy(1, 2, MIB),
                Reason.NOTHING_TO_REWRITE,
                "no group among 1 candidates of 1 live data files");
        assertThat(small.table.currentSnapshot().deleteManifests(small.table.io()))
                .isNotEmpty();
    }

    @Test
    void equality_deletes_make_candidates_of_older_files_only() {
        SmallTable small = SmallTable.plain(directory, 2);
        small.append(0, 10);
        small.deleteEqual(1, 0);
        small.append(0, 10);

        CompactPlan plan = planned(small.table, Compaction.policy(1, 5, MIB));

        assertThat(plan.deletesToApply()).isEqualTo(1);
        Compaction.run(small.table, plan, new RecordRewriter(Attempt.of(small.table, "run", Attempts.MEMORY)));
        assertThat(LocalTable.rows(small.table)).hasSize(10);
        stays(small.table, Compaction.policy(1, 5, MIB), Reason.NOTHING_TO_REWRITE, "no group");
    }

    @Test
    void above_the_cap_nothing_is_rewritten_and_both_figures_are_named() {
        SmallTable small = SmallTable.plain(directory, 2);
        appendFiles(small, 5);
        long bytes = planned(small.table, Compaction.policy(1, 2, MIB)).bytesToRead();

        CompactPolicy policy = capped(bytes - 1, WhenAboveCap.SKIP);

        stays(
                small.table,
                policy,
                Reason.ABOVE_BYTE_CAP,
                "rewriting 5 files would read %,d bytes, more than max-bytes %,d bytes".formatted(bytes, bytes - 1));
    }

    @Test
    void what_fits_under_the_cap_is_chosen_by_gain_and_the_rest_is_backlog() {
        SmallTable small = SmallTable.byId(directory);
        for (int i = 0; i < 6; i++) {
            small.append(1, 5);
        }
        for (int i = 0; i < 3; i++) {
            small.append(2, 2000);
        }

        CompactPlan all = planned(small.table, Compaction.policy(1, 2, MIB));
        CompactPlan plan = planned(small.table, capped(all.bytesToRead() - 1, WhenAboveCap.PARTIAL));

        assertThat(all.groups()).hasSize(2);
        assertThat(plan.groups()).hasSize(1);
        assertThat(plan.inputFiles()).isEqualTo(6);
        assertThat(plan.backlog().files()).isEqualTo(3);
        assertThat(plan.backlog().bytes() + plan.bytesToRead()).isEqualTo(all.bytesToRead());
    }

    @Test
    void no_group_is_larger_than_the_cap() {
        SmallTable small = SmallTable.plain(directory, 2);
        appendFiles(small, 12);
        long cap = planned(small.table, Compaction.policy(1, 2, MIB)).bytesToRead() / 3;

        CompactPlan plan = planned(small.table, capped(cap, WhenAboveCap.PARTIAL));

        assertThat(plan.groups()).isNotEmpty().allMatch(group -> group.bytesToRead() <= cap);
        assertThat(plan.bytesToRead()).isLessThanOrEqualTo(cap);
        assertThat(plan.backlog().files()).isPositive();
    }

    @Test
    void the_same_table_gives_the_same_plan() {
        SmallTable small = SmallTable.byId(directory);
        for (int i = 0; i < 20; i++) {
            small.append(i % 3, 5);
        }

        String once = names(planned(small.table, Compaction.policy(1, 2, MIB)));

        assertThat(names(planned(small.table, Compaction.policy(1, 2, MIB)))).isEqualTo(once);
    }

    @Test
    void a_plan_can_travel() throws Exception {
        SmallTable small = SmallTable.plain(directory, 3);
        appendFiles(small, 3);
        small.deleteEqual(1, 1);
        CompactPlan plan = planned(small.table, Compaction.policy(1, 2, MIB));

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(plan);
        CompactPlan arrived =
                (CompactPlan) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        Compaction.run(small.table, arrived, new RecordRewriter(Attempt.of(small.table, "run", Attempts.MEMORY)));

        assertThat(names(arrived)).isEqualTo(names(plan));
        assertThat(LocalTable.rows(small.table)).hasSize(6);
    }

    private static String names(CompactPlan plan) {
        return plan.groups().stream()
                .flatMap(group -> group.dataFiles().stream())
                .map(DataFile::location)
                .toList()
                .toString();
    }

    private static void appendFiles(SmallTable small, int files) {
        for (int i = 0; i < files; i++) {
            small.append(i, 3);
        }
    }

    private static CompactPolicy capped(long cap, WhenAboveCap above) {
        return new CompactPolicy(
                Compaction.set(1),
                Compaction.set(cap),
                Compaction.set((long) MIB),
                Compaction.set(2),
                Compaction.set(above),
                Compaction.set(ProofLevel.COUNTS),
                Compaction.set("main"),
                Compaction.set(CompactPolicy.OnUnreadable.FAIL),
                Compaction.set(1),
                Compaction.set(1),
                CompactPolicy.Partitions.ALL);
    }

    private static CompactPlan planned(Table table, CompactPolicy policy) {
        PlanDecision decision = Compaction.plan(table, policy);
        assertThat(decision).isInstanceOf(CompactPlan.class);
        return (CompactPlan) decision;
    }

    private static void stays(Table table, CompactPolicy policy, Reason reason, String detail) {
        assertThat(Compaction.plan(table, policy)).isInstanceOfSatisfying(Stay.class, stay -> {
            assertThat(stay.reason()).isEqualTo(reason);
            assertThat(stay.detail()).startsWith(detail);
        });
    }
}
