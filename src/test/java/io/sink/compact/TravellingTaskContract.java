package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.StopSignal;
import io.sink.catalog.TableSource;
import io.sink.engine.Engine;
import io.sink.engine.Task;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.rewrite.Attempt;
import io.sink.rewrite.FileEvidence;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.Footers;
import io.sink.rewrite.GroupChecks;
import io.sink.rewrite.GroupResult;
import io.sink.rewrite.GroupRewriter;
import io.sink.rewrite.GroupTask;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RecordRewriter;
import io.sink.rewrite.RewriteResult;
import io.sink.rewrite.RewriterSource;
import io.sink.rewrite.Staging;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.testing.Attempts;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.SavedTree;
import io.sink.testing.TravellingEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A group's rewrite that was sent to another process does what it does here, and whatever it wrote there is known here.
 *
 * @ref LLP 0024#travel
 */
abstract class TravellingTaskContract {
    /** How groups were rewritten; a copy of a task finds it here too. */
    private static final List<String> CHOICES = new CopyOnWriteArrayList<>();

    private PathWarehouse warehouse;
    private TableSource source;
    private PathTable table;

    /** An empty warehouse on the storage in question. */
    abstract PathWarehouse warehouse();

    @BeforeEach
    void make() {
        warehouse = warehouse();
        source = warehouse.open();
        table = PathTable.create(warehouse, source, "t", 3, Map.of());
        table.append(1, 2, 3);
        table.append(4, 5);
        table.append(6);
    }

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void the_same_files_with_the_same_proof_come_of_a_group_here_and_elsewhere() {
        BaseTable loaded = table.load();
        CompactPolicy policy = Compaction.policy(1, 2, 1 << 20);
        CompactPlan plan = (CompactPlan) Compaction.plan(loaded, policy);
        StagedFiles staged = new StagedFiles(loaded.operations(), "01RUN", Owner.current(), InstantSource.system());
        GroupTask task = new GroupTask(
                loaded,
                "01RUN",
                RewriterSource.STANDARD,
                ProofLevel.FULL,
                false,
                staged.announcer()::announce,
                StopSignal.NEVER,
                GroupPlanner.checks(loaded, loaded.currentSnapshot(), policy, new Footers(1 << 20), GroupChecks.NEXT));
        FileGroup group = plan.groups().get(0);

        GroupResult here = (GroupResult) task.run(group, Attempts.MEMORY);
        GroupResult elsewhere = (GroupResult)
                TravellingEngine.copy(TravellingEngine.copy(task).run(TravellingEngine.copy(group), Attempts.MEMORY));

        assertThat(elsewhere.proof()).isEqualTo(here.proof());
        assertThat(elsewhere.evidence())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("location")
                .isEqualTo(here.evidence());
        assertThat(elsewhere.evidence().get(0).rowGroups()).singleElement().satisfies(rowGroup -> {
            assertThat(rowGroup.rows()).isEqualTo(6);
            assertThat(rowGroup.leaves()).containsEntry("id", new FileEvidence.Leaf(6, false));
        });
        assertThat(elsewhere.written().rowsRead()).isEqualTo(here.written().rowsRead());
        DataFile one = here.written().outputs().get(0);
        DataFile other = elsewhere.written().outputs().get(0);
        assertThat(other.location()).isNotEqualTo(one.location());
        assertThat(other.lowerBounds()).isEqualTo(one.lowerBounds());
        assertThat(bytes(other)).isEqualTo(bytes(one));
        assertThat(staged.files()).containsExactly(one.location());
        staged.requireEntries(elsewhere.announced());
        assertThat(staged.files()).containsExactlyInAnyOrder(one.location(), other.location());
        assertThat(staged.takeAway().left()).isEmpty();
        assertNothingStaged();
    }

    @Test
    void a_file_from_elsewhere_without_its_journal_entry_is_not_committed() {
        List<String> rows = table.reader().rows();
        TravellingEngine there = new TravellingEngine(1);
        Engine losing = new Engine() {
            @Override
            public <T, R> List<R> run(List<T> items, Task<T, R> task) {
                List<R> answers = there.run(items, task);
                SavedTree.files(table.location()).stream()
                        .filter(file -> file.getFileName().toString().startsWith("sink-staged-"))
                        .forEach(TravellingTaskContract::delete);
                return answers;
            }

            @Override
            public <T, R> void require(List<T> items, Task<T, R> task) {
                there.require(items, task);
            }

            @Override
            public long memory() {
                return there.memory();
            }
        };

        ActionResult result = compact(losing, RewriterSource.STANDARD);

        assertThat(result.reason()).as(result.toString()).isNotEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains("has no entry in the staging journal");
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_compaction_whose_groups_were_rewritten_elsewhere_keeps_every_row_and_leaves_nothing() {
        List<String> rows = table.reader().rows();

        ActionResult result = compact(new TravellingEngine(1), RewriterSource.STANDARD);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertNothingStaged();
    }

    @Test
    void what_a_second_attempt_wrote_meets_no_file_of_the_first_and_the_one_not_committed_goes() {
        List<String> rows = table.reader().rows();
        Set<Path> before = table.reader().reachable();

        ActionResult result = compact(new TravellingEngine(3), RewriterSource.STANDARD);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(table.reader().reachable()).containsAll(before);
        assertNothingStaged();
    }

    @Test
    void a_failure_elsewhere_leaves_nothing_of_what_was_written_there() {
        SavedTree before = SavedTree.of(table.location());

        ActionResult result = compact(new TravellingEngine(1), (choice, attempt) -> new FailsAfterwards(attempt));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains("the disk of the test is full", "1 file staged, 1 deleted");
        assertThat(SavedTree.files(table.location())).isEqualTo(before.files());
    }

    /** Tasks elsewhere know nothing of what this process finds out meanwhile. */
    @Test
    void groups_that_travel_were_looked_at_before() {
        PathTable parted = PathTable.create(warehouse, source, "parted", 3, Map.of());
        parted.load().updateSpec().addField("id").commit();
        for (int id : new int[] {1, 1, 2, 2, 3, 3}) {
            parted.append(id);
        }
        List<String> rows = parted.reader().rows();
        CHOICES.clear();
        RewriterSource noting = (choice, attempt) -> {
            CHOICES.add(choice.rewriter());
            return RewriterSource.STANDARD.rewriter(choice, attempt);
        };
        CompactAction action = new CompactAction(new TravellingEngine(1), InstantSource.system(), "test", noting, 1);

        ActionResult done = Compacting.with(action).execute(parted.load().operations());

        assertThat(done.reason()).as(done.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(CHOICES).containsExactly("page-merge", "page-merge", "page-merge");
        assertThat(parted.reader().rows()).isEqualTo(rows);
    }

    private ActionResult compact(Engine engine, RewriterSource rewriters) {
        return Compacting.with(new CompactAction(engine, InstantSource.system(), "test", rewriters))
                .execute(table.load().operations());
    }

    private byte[] bytes(DataFile file) {
        try {
            return Files.readAllBytes(table.locate(file.location()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertNothingStaged() {
        Set<Path> needed = table.reader().reachable();
        assertThat(SavedTree.files(table.location()))
                .noneMatch(file -> file.toString().contains("sink-staged"))
                .noneMatch(file -> file.toString().contains("01RUN") && !needed.contains(file));
    }

    /** Writes its file, and fails then. */
    private record FailsAfterwards(GroupRewriter rewriter) implements GroupRewriter {
        FailsAfterwards(Attempt attempt) {
            this(new RecordRewriter(attempt));
        }

        @Override
        public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
            rewriter.rewrite(group, staging, stop);
            throw new IllegalStateException("the disk of the test is full");
        }
    }
}
