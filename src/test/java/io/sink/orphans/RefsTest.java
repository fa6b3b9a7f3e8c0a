package io.sink.orphans;

import static io.sink.testing.Sweeping.age;
import static io.sink.testing.Sweeping.plant;
import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.Sweeping;
import io.sink.testing.TableChanges;
import io.sink.testing.Watched;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep of a table whose main needs none of the files that its other refs and its staged snapshots need. */
class RefsTest {
    @TempDir
    Path warehouse;

    private PathTable table;

    @BeforeEach
    void make_a_table() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
    }

    @Test
    void leaves_the_files_that_only_the_head_of_a_branch_needs() throws IOException {
        table.load().manageSnapshots().createBranch("audit").commit();
        DataFile branched = write(7);
        table.load().newAppend().appendFile(branched).toBranch("audit").commit();
        table.replace(2);

        sweepsTheOrphanAlone(branched);

        assertThat(table.reader().rows(snapshot("audit").snapshotId()))
                .hasSize(2)
                .anyMatch(row -> row.contains("7"));
    }

    @Test
    void leaves_the_files_that_only_the_past_of_a_branch_needs() throws IOException {
        table.load().manageSnapshots().createBranch("audit").commit();
        DataFile branched = write(7);
        table.load().newAppend().appendFile(branched).toBranch("audit").commit();
        long past = snapshot("audit").snapshotId();
        table.load().newDelete().deleteFile(branched).toBranch("audit").commit();

        sweepsTheOrphanAlone(branched);

        assertThat(table.reader().rows(past)).anyMatch(row -> row.contains("7"));
    }

    @Test
    void leaves_the_files_that_only_a_tag_needs() throws IOException {
        DataFile tagged = table.append(7);
        table.load()
                .manageSnapshots()
                .createTag("kept", table.currentSnapshot())
                .commit();
        table.replace(2);

        sweepsTheOrphanAlone(tagged);

        assertThat(table.reader().rows(snapshot("kept").snapshotId())).anyMatch(row -> row.contains("7"));
    }

    @Test
    void leaves_the_files_that_only_a_snapshot_without_any_ref_needs() throws IOException {
        DataFile staged = write(7);
        table.load().newAppend().appendFile(staged).stageOnly().commit();

        sweepsTheOrphanAlone(staged);
    }

    @Test
    void leaves_what_a_branch_came_to_name_after_the_plan() throws IOException {
        DataFile late = write(7);
        age(warehouse);
        Path orphan = plant(table.location().resolve("data/x.parquet"));
        Plan plan = ((Decision.Go) Sweeping.all().decide(ops())).plan();
        table.load().manageSnapshots().createBranch("audit").commit();
        table.load().newAppend().appendFile(late).toBranch("audit").commit();

        ActionResult result = plan.execute();

        assertThat(Path.of(late.location())).exists();
        assertThat(result.files().deleted()).containsExactly(orphan.toString());
        assertThat(table.reader().rows(snapshot("audit").snapshotId())).anyMatch(row -> row.contains("7"));
    }

    @Test
    void plans_nothing_that_a_branch_came_to_name_while_the_files_were_listed() throws IOException {
        DataFile late = write(7);
        age(warehouse);
        Path orphan = plant(table.location().resolve("data/x.parquet"));
        table.load().manageSnapshots().createBranch("audit").commit();
        AtomicBoolean listed = new AtomicBoolean();
        TableOperations ops = Watched.table(ops(), call -> {
            if (call.startsWith("list ") && !listed.getAndSet(true)) {
                table.load().newAppend().appendFile(late).toBranch("audit").commit();
            }
        });
        ops.refresh();

        ActionResult planned = Sweeping.all().preview(ops);

        assertThat(listed).isTrue();
        assertThat(planned.files().deleted()).containsExactly(orphan.toString());
    }

    /** Holds that main does not need the file, that it stays with all others, and that the orphan goes. */
    private void sweepsTheOrphanAlone(DataFile needed) {
        assertThat(table.reader().files(table.currentSnapshot())).doesNotContain(Path.of(needed.location()));
        Path orphan = plant(table.location().resolve("data/x.parquet"));
        age(warehouse);
        TreeSet<Path> expected = SavedTree.files(warehouse);
        expected.remove(orphan);

        // The plan by itself: the look before each batch would mend it.
        assertThat(Sweeping.all().preview(ops()).files().deleted()).containsExactly(orphan.toString());
        ActionResult result = Sweeping.all().execute(ops());

        assertThat(SavedTree.files(warehouse)).as(result.toString()).isEqualTo(expected);
        assertThat(result.reason()).isEqualTo(Reason.ORPHANS_DELETED);
    }

    private TableOperations ops() {
        return table.load().operations();
    }

    private Snapshot snapshot(String ref) {
        return table.load().snapshot(ref);
    }

    private DataFile write(long id) throws IOException {
        Record row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", id);
        BaseTable loaded = table.load();
        return new TableChanges(loaded).write(List.of(row), PathTable.SCHEMA, loaded.spec(), null);
    }
}
