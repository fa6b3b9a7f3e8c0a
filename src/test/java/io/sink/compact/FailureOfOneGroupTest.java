package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.StopSignal;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.rewrite.Attempt;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.GroupRewriter;
import io.sink.rewrite.RecordRewriter;
import io.sink.rewrite.RewriteResult;
import io.sink.rewrite.Staging;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several groups are at work when one of them fails, or one of them needs more than there is. */
class FailureOfOneGroupTest {
    @TempDir
    Path warehouse;

    @Test
    void the_reason_is_the_failure_and_not_the_stop_of_those_that_end_because_of_it() {
        PathTable table = partitioned();
        SavedTree before = SavedTree.of(warehouse);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);
        CompactAction action = new CompactAction(
                new LocalEngine(2, MemoryBudget.work()),
                InstantSource.system(),
                "test",
                (choice, attempt) -> new SecondFails(attempt, begun, failed));

        ActionResult result = Compacting.with(action).execute(table.load().operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains("the disk of the test is full");
        assertThat(SavedTree.files(warehouse)).isEqualTo(before.files());
    }

    @Test
    void a_group_that_can_never_have_its_memory_fails_the_table_in_a_dry_run_as_well() {
        PathTable table = partitioned();
        SavedTree before = SavedTree.of(warehouse);
        CompactAction action =
                new CompactAction(new LocalEngine(2, new MemoryBudget(1 << 20)), InstantSource.system(), "test");

        ActionResult planned = Compacting.with(action).preview(table.load().operations());
        ActionResult done = Compacting.with(action).execute(table.load().operations());

        assertThat(planned.reason()).as(planned.toString()).isEqualTo(Reason.MEMORY_BUDGET);
        assertThat(done.reason()).as(done.toString()).isEqualTo(Reason.MEMORY_BUDGET);
        assertThat(done.detail()).contains("nothing was changed", "of memory at once", "set -Xmx");
        assertThat(SavedTree.files(warehouse)).isEqualTo(before.files());
    }

    /** Two partitions of two files each, so that there are two groups. */
    private PathTable partitioned() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.load().updateSpec().addField("id").commit();
        table.append(1);
        table.append(1);
        table.append(2);
        table.append(2);
        return table;
    }

    /** The first group waits until the second has failed, and goes on then. */
    private record SecondFails(GroupRewriter rewriter, CountDownLatch begun, CountDownLatch failed)
            implements GroupRewriter {
        SecondFails(Attempt attempt, CountDownLatch begun, CountDownLatch failed) {
            this(new RecordRewriter(attempt), begun, failed);
        }

        @Override
        public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
            if (group.index() == 1) {
                begun.countDown();
                await(failed);
                // By now the other group's failure is known, or will be before long.
                while (true) {
                    stop.check();
                    Thread.onSpinWait();
                }
            }
            await(begun);
            rewriter.rewrite(group, staging, stop);
            failed.countDown();
            throw new IllegalStateException("the disk of the test is full");
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
