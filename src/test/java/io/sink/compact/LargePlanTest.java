package io.sink.compact;

import static io.sink.compact.Compaction.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.action.StopSignal;
import io.sink.action.StoppedException;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.outcome.Reason;
import io.sink.rewrite.Attempt;
import io.sink.rewrite.Footers;
import io.sink.rewrite.GroupChecks;
import io.sink.rewrite.RecordRewriter;
import io.sink.table.DeleteKey;
import io.sink.testing.Attempts;
import io.sink.testing.Draws;
import io.sink.testing.Seeds;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Plans of tables with more candidates than a plan looks at one by one. */
@ExtendWith(Seeds.Given.class)
class LargePlanTest {
    private static final long TARGET = 1 << 20;
    private static final int ALL = 1000;

    @TempDir
    Path directory;

    private static CompactPolicy policy(WhenAboveCap whenAboveCap, long maxBytes) {
        CompactPolicy any = Compaction.policy(2, 2, TARGET);
        return new CompactPolicy(
                any.minDataFiles(),
                set(maxBytes),
                any.targetFileSizeBytes(),
                any.minInputFiles(),
                set(whenAboveCap),
                any.verify(),
                any.branch(),
                any.onUnreadable(),
                any.commitAttempts(),
                any.waves(),
                any.partitions());
    }

    private SmallTable make(int... filesOfPartition) {
        SmallTable table = SmallTable.byId(directory.resolve("t"));
        for (int partition = 0; partition < filesOfPartition.length; partition++) {
            for (int file = 0; file < filesOfPartition[partition]; file++) {
                table.append(partition, 2 + partition);
            }
        }
        return table;
    }

    private static Set<String> paths(PlanDecision decision) {
        return ((CompactPlan) decision)
                .groups().stream()
                        .flatMap(group -> group.dataFiles().stream())
                        .map(DataFile::location)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    private static long bytes(PlanDecision decision) {
        return CompactPlan.bytes(((CompactPlan) decision).groups());
    }

    @Test
    void above_the_cap_the_report_is_the_same_and_no_file_is_kept() {
        SmallTable table = make(3, 4, 1, 2);
        CompactPolicy policy = policy(WhenAboveCap.SKIP, 100);

        PlanDecision.Stay small = (PlanDecision.Stay) Compaction.plan(table.table, policy, ALL);
        PlanDecision.Stay large = (PlanDecision.Stay) Compaction.plan(table.table, policy, 1);

        assertThat(large.reason()).isEqualTo(Reason.ABOVE_BYTE_CAP);
        assertThat(large.detail()).isEqualTo(small.detail()).contains("9 files");
    }

    @Test
    void a_part_of_the_partitions_is_the_part_with_the_largest_gain() {
        SmallTable table = make(3, 8, 1, 4);
        long cap = bytes(Compaction.plan(table.table, policy(WhenAboveCap.SKIP, ALL * TARGET), ALL)) / 3;
        CompactPolicy policy = policy(WhenAboveCap.PARTIAL, cap);

        CompactPlan small = (CompactPlan) Compaction.plan(table.table, policy, ALL);
        CompactPlan large = (CompactPlan) Compaction.plan(table.table, policy, 5);

        assertThat(paths(large)).isEqualTo(paths(small));
        assertThat(large.backlog()).isEqualTo(small.backlog());
        assertThat(large.candidates()).isEqualTo(16);
    }

    @Test
    void of_one_large_partition_the_oldest_files_come_first_and_the_next_run_does_the_rest() {
        SmallTable table = SmallTable.plain(directory.resolve("t"), 2);
        List<String> made = new ArrayList<>();
        for (int file = 0; file < 9; file++) {
            made.add(table.append(file, 2).location());
        }
        CompactPolicy policy = policy(WhenAboveCap.SKIP, ALL * TARGET);

        CompactPlan plan = (CompactPlan) Compaction.plan(table.table, policy, 4);

        assertThat(paths(plan)).containsExactlyInAnyOrderElementsOf(made.subList(0, 4));
        assertThat(plan.backlog().files()).isEqualTo(5);
        assertThat(plan.oldestKept()).isEqualTo(5);
    }

    @Test
    void deletes_of_files_that_are_not_looked_at_stay() {
        SmallTable table = make(3);
        DataFile other = table.append(1, 3);
        table.append(1, 3);
        table.deletePositions(other, 1L);
        CompactPolicy policy = policy(WhenAboveCap.SKIP, ALL * TARGET);

        CompactPlan plan = (CompactPlan) Compaction.plan(table.table, policy, 2);

        assertThat(paths(plan)).isNotEmpty().doesNotContain(other.location());
        assertThat(plan.deletesKept()).extracting(DeleteKey::location).hasSize(1);
    }

    @Test
    void an_entry_in_a_partition_that_is_not_looked_at_keeps_its_file() {
        SmallTable table = SmallTable.byId(directory.resolve("t"));
        DataFile twice = table.append(0, 1);
        for (int file = 0; file < 4; file++) {
            table.append(0, 2);
        }
        table.append(1, 2);
        Record other = GenericRecord.create(table.table.spec().partitionType());
        other.setField("id", 1);
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(table.table.spec())
                        .copy(twice)
                        .withPartition(other)
                        .build())
                .commit();
        CompactPolicy policy = policy(WhenAboveCap.SKIP, ALL * TARGET);

        CompactPlan plan = (CompactPlan) Compaction.plan(table.table, policy, 3);

        assertThat(paths(plan)).isNotEmpty().doesNotContain(twice.location());
        assertThat(plan.parted().one()).isEqualTo(twice.location());
    }

    /** Whatever each plan narrows: in the end there is nothing to do for a plan of everything either. */
    @TestFactory
    List<DynamicTest> run_after_run_comes_to_the_end_of_a_plan_of_everything_and_keeps_every_row(Seeds seeds) {
        return seeds.tests(10, this::play);
    }

    private void play(Draws draws) {
        SmallTable table = SmallTable.byId(directory.resolve("t" + draws.seed()));
        List<DataFile> files = new ArrayList<>();
        for (int file = 0; file < 12; file++) {
            files.add(table.append(draws.nextInt(4), 1 + draws.nextInt(4)));
            if (draws.nextInt(3) == 0) {
                table.deletePositions(files.get(draws.nextInt(files.size())), 0L);
            }
            if (draws.nextInt(6) == 0) {
                table.deleteEqual(2, "text " + draws.nextInt(4));
            }
        }
        List<String> rows = LocalTable.rows(table.table);
        CompactPolicy everything = policy(WhenAboveCap.SKIP, ALL * TARGET);
        int most = 1 + draws.nextInt(6);
        for (int run = 0; run < 20; run++) {
            PlanDecision decision = Compaction.plan(table.table, everything, most);
            if (!(decision instanceof CompactPlan plan)) {
                break;
            }
            Compaction.run(table.table, plan, new RecordRewriter(Attempt.of(table.table, "run", Attempts.MEMORY)));
            assertThat(LocalTable.rows(table.table)).containsExactlyInAnyOrderElementsOf(rows);
        }
        assertThat(Compaction.plan(table.table, everything, ALL)).isInstanceOf(PlanDecision.Stay.class);
    }

    @Test
    void a_signal_ends_it() {
        SmallTable table = make(3, 3);
        Snapshot start = table.table.currentSnapshot();
        AtomicInteger asked = new AtomicInteger();
        StopSignal late = () -> asked.incrementAndGet() > 2;

        CompactPolicy policy = policy(WhenAboveCap.SKIP, ALL * TARGET);
        GroupChecks checks = GroupPlanner.checks(table.table, start, policy, new Footers(1 << 20), GroupChecks.NEXT);

        assertThatThrownBy(() -> new GroupPlanner(checks, Instant.now(), late, GroupPlanner.MOST_FILES, Set.of())
                        .plan(table.table, start, policy))
                .isInstanceOf(StoppedException.class);
    }
}
