package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.action.Subject;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.TypeUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each rule of a rewrite's commit by itself: what Iceberg is told of the start, and what {@link ChangedInputs} looks
 * at. Most races break both, and one of the rules could go without anybody noticing.
 */
class ValidatedRewriteTest {
    @TempDir
    Path warehouse;

    @Test
    void an_equality_delete_that_comes_meanwhile_is_no_conflict_and_drops_its_rows_from_the_new_file() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2, 3);
        table.append(2, 4);
        Plan plan = plan(table);
        table.load().newRowDelta().addDeletes(deleteOf(table, "name of 2")).commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(3);

        ActionResult result = plan.execute();

        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
    }

    /**
     * The delete is older than the start and not in it, so that neither its sequence number nor the look for newer
     * deletes shows it: only Iceberg sees that the start is no ancestor of what main is now.
     */
    @Test
    void a_main_that_became_a_branch_with_an_older_equality_delete_is_a_conflict() {
        PathTable table = branched(deleted -> deleteOf(deleted, "name of 2"));
        Plan plan = plan(table);
        table.load().manageSnapshots().replaceBranch("main", "audit").commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(4);

        ActionResult result = plan.execute();

        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
        assertThat(result.reason()).isEqualTo(Reason.COMMIT_CONFLICT);
        assertThat(SavedTree.files(warehouse)).noneMatch(file -> file.toString().contains("sink-staged"));
    }

    @Test
    void deletes_and_an_expired_history_from_before_the_plan_are_no_conflict() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(9);
        DataFile first = table.append(1, 2, 3);
        table.append(4);
        table.delete(first, 0);
        table.load()
                .expireSnapshots()
                .expireOlderThan(System.currentTimeMillis() + 1_000)
                .retainLast(2)
                .cleanExpiredFiles(false)
                .commit();
        List<String> rows = table.reader().rows();

        ActionResult result = plan(table).execute();

        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
    }

    private interface Deletes {
        DeleteFile of(PathTable table);
    }

    /** Main is ahead of a branch by a commit, and the branch has a delete that main has not. */
    private PathTable branched(Deletes deletes) {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2, 3);
        table.append(4);
        DataFile leaving = table.append(9);
        table.load().manageSnapshots().createBranch("audit").commit();
        table.load()
                .newRowDelta()
                .addDeletes(deletes.of(table))
                .toBranch("audit")
                .commit();
        table.load().newDelete().deleteFile(leaving).commit();
        return table;
    }

    private static DeleteFile deleteOf(PathTable table, String name) {
        Schema columns = TypeUtil.select(PathTable.SCHEMA, Set.of(2));
        Record key = GenericRecord.create(columns);
        key.set(0, name);
        return new TestFiles(table.load()).equalityDeletes(List.of(key), columns, PartitionSpec.unpartitioned(), null);
    }

    private static Plan plan(PathTable table) {
        Subject subject = new Subject(
                "made.t",
                table.load().operations(),
                true,
                "01RUN",
                "host",
                Instant.now(),
                io.sink.action.StopSignal.NEVER);
        return ((Decision.Go) new CompactAction(new LocalEngine(1, MemoryBudget.work()), InstantSource.system(), "test")
                        .plan(subject, Compaction.policy(2, 2, 1L << 30)))
                .plan();
    }
}
