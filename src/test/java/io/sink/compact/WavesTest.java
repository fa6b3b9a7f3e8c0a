package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compaction above the byte cap that goes on, one commit after the other. */
class WavesTest {
    private static final int ALL = 9;

    @TempDir
    Path directory;

    private SmallTable small;
    private final List<DataFile> files = new ArrayList<>();
    private List<String> rows;

    /** Four partitions with two, three, four and five files. */
    @BeforeEach
    void make_a_table() {
        small = SmallTable.byId(directory);
        for (int id = 0; id < 4; id++) {
            for (int file = 0; file < id + 2; file++) {
                files.add(small.append(id, 2));
            }
        }
        rows = LocalTable.rows(small.table);
    }

    private TableOperations ops() {
        return ((BaseTable) small.table).operations();
    }

    /** So many bytes that the largest partition fits, and no second one beside it. */
    private long cap() {
        return files.stream().mapToLong(DataFile::fileSizeInBytes).max().orElseThrow() * 5;
    }

    private Compacting inWaves(int most) {
        return Compacting.small().inWaves(most, cap());
    }

    /** All waves, by what is made of each plan. */
    private static List<ActionResult> play(Decision first, Function<Plan, ActionResult> each) {
        List<ActionResult> results = new ArrayList<>();
        Decision decision = first;
        while (decision instanceof Decision.Go go) {
            ActionResult result = each.apply(go.plan());
            results.add(result);
            Supplier<Decision> next = go.plan().next(result);
            decision = next == null ? null : next.get();
        }
        return results;
    }

    private List<Long> inputs(List<ActionResult> results) {
        return results.stream()
                .map(result -> result.effect().get(Counter.DATA_FILES_REWRITTEN))
                .toList();
    }

    @Test
    void each_is_committed_once_and_the_report_says_which_it_is() {
        List<ActionResult> results = play(inWaves(ALL).decide(ops()), Plan::execute);

        assertThat(results).extracting(ActionResult::reason).containsOnly(Reason.COMPACTED);
        assertThat(inputs(results)).containsExactly(5L, 4L, 5L);
        assertThat(results.get(1).detail()).contains("wave 2 of at most 9");
        assertThat(results).extracting(ActionResult::committedSnapshotId).doesNotHaveDuplicates();
        assertThat(LocalTable.rows(small.table)).containsExactlyInAnyOrderElementsOf(rows);
        assertThat(Compacting.small().execute(ops()).reason()).isEqualTo(Reason.NOTHING_TO_REWRITE);
    }

    @Test
    void there_are_no_more_than_were_asked_for() {
        List<ActionResult> results = play(inWaves(2).decide(ops()), Plan::execute);

        assertThat(inputs(results)).containsExactly(5L, 4L);
        assertThat(results.get(1).effect().get(Counter.BACKLOG_FILES)).isEqualTo(5);
    }

    @Test
    void a_dry_run_says_what_a_run_does() {
        List<ActionResult> planned = play(inWaves(3).decide(ops()), Plan::preview);
        List<ActionResult> done = play(inWaves(3).decide(ops()), Plan::execute);

        assertThat(planned).extracting(ActionResult::reason).containsOnly(Reason.WOULD_COMPACT);
        assertThat(inputs(planned)).isEqualTo(inputs(done)).hasSize(3);
        for (int wave = 0; wave < 3; wave++) {
            assertThat(planned.get(wave).effect().get(Counter.BACKLOG_FILES))
                    .isEqualTo(done.get(wave).effect().get(Counter.BACKLOG_FILES));
        }
    }

    @Test
    void one_that_another_writer_wins_does_not_end_the_others_and_is_not_made_again() {
        Decision.Go first = (Decision.Go) inWaves(ALL).decide(ops());
        DataFile gone = files.get(files.size() - 1);
        small.table.newDelete().deleteFile(gone).commit();
        List<String> left = LocalTable.rows(small.table);

        List<ActionResult> results = play(first, Plan::execute);

        assertThat(results)
                .extracting(ActionResult::reason)
                .containsExactly(Reason.COMMIT_CONFLICT, Reason.COMPACTED, Reason.COMPACTED);
        assertThat(inputs(results)).containsExactly(0L, 4L, 5L);
        assertThat(LocalTable.rows(small.table)).containsExactlyInAnyOrderElementsOf(left);
    }

    @Test
    void nothing_follows_on_what_may_have_landed_or_was_stopped() {
        Plan plan = ((Decision.Go) inWaves(ALL).decide(ops())).plan();

        for (Reason reason : List.of(Reason.COMMIT_STATE_UNKNOWN, Reason.INTERRUPTED, Reason.ROW_PROOF_FAILED)) {
            assertThat(plan.next(ActionResult.of(reason, ""))).as(reason.code()).isNull();
        }
        assertThat(plan.next(ActionResult.of(Reason.COMMIT_CONFLICT, ""))).isNotNull();
    }

    @Test
    void a_part_of_a_plan_takes_no_more_than_it_may_and_says_what_is_left() {
        Plan whole = ((Decision.Go) Compacting.small().decide(ops())).plan();
        long bytes = whole.preview().effect().get(Counter.BYTES_READ);

        Plan part = whole.within(bytes / 2);
        ActionResult done = Objects.requireNonNull(part).execute();

        assertThat(done.reason()).as("%s", done).isEqualTo(Reason.COMPACTED);
        assertThat(done.effect().get(Counter.BYTES_READ)).isLessThanOrEqualTo(bytes / 2);
        assertThat(done.effect().get(Counter.BACKLOG_FILES) + done.effect().get(Counter.DATA_FILES_REWRITTEN))
                .isEqualTo(files.size());
        assertThat(LocalTable.rows(small.table)).containsExactlyInAnyOrderElementsOf(rows);
        assertThat(whole.within(1)).isNull();
    }
}
