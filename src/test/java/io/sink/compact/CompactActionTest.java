package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.StopSignal;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.rewrite.Attempt;
import io.sink.rewrite.BloomFilters;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.GroupRewriter;
import io.sink.rewrite.PageRewriter;
import io.sink.rewrite.ParquetFooter;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RecordRewriter;
import io.sink.rewrite.RewriteResult;
import io.sink.rewrite.Staging;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.ToldReads;
import io.sink.testing.Trees;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expressions;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactActionTest {

    @TempDir
    Path warehouse;

    private PathTable table;

    @BeforeEach
    void make_a_fragmented_table() {
        table = PathTable.create(warehouse, "t", 3, Map.of());
        table.delete(table.append(1, 2, 3), 1);
        table.append(4, 5);
        table.append(6, 6);
    }

    @Test
    void a_dry_run_changes_no_byte_and_plans_what_a_run_then_does() {
        var before = Trees.contents(warehouse);
        List<String> rows = table.reader().rows();

        ActionResult planned = Compacting.small().preview(ops());
        var afterPlan = Trees.contents(warehouse);
        ActionResult done = Compacting.small().execute(ops());

        assertThat(afterPlan).isEqualTo(before);
        assertThat(planned.reason()).isEqualTo(Reason.WOULD_COMPACT);
        assertThat(done.reason()).isEqualTo(Reason.COMPACTED);
        for (Counter counter : planned.effect().counts().keySet()) {
            assertThat(done.effect().get(counter))
                    .as(counter.code())
                    .isEqualTo(planned.effect().get(counter));
        }
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(Compacting.small().execute(ops()).reason()).isIn(Reason.BELOW_THRESHOLD, Reason.NOTHING_TO_REWRITE);
    }

    @Test
    void says_which_bloom_filters_are_made_and_which_are_dropped() throws IOException {
        for (boolean pages : new boolean[] {true, false}) {
            PathTable filtered = PathTable.create(warehouse, "filtered" + pages, 2, Map.of());
            filters("true", "true", filtered);
            filtered.append(1, 2, 3);
            filtered.append(4, 5);
            filters("true", "false", filtered);
            CompactAction action = new CompactAction(
                    new LocalEngine(1, MemoryBudget.work()),
                    InstantSource.system(),
                    "test",
                    (choice, attempt) -> pages ? new PageRewriter(attempt) : new RecordRewriter(attempt));

            ActionResult planned =
                    Compacting.with(action).preview(filtered.load().operations());
            ActionResult done = Compacting.with(action).execute(filtered.load().operations());

            String said = "; bloom filters made for id; bloom filters of the inputs dropped for name, since";
            assertThat(planned.detail()).contains(said);
            assertThat(done.detail()).contains(said);
            String written = done.files().staged().get(0);
            ParquetMetadata footer = ParquetFooter.read(filtered.load().io().newInputFile(written));
            assertThat(BloomFilters.stored(PathTable.SCHEMA, footer)).containsExactly("id");
        }
        assertThat(Compacting.small().preview(ops()).detail()).doesNotContain("bloom");
    }

    private static void filters(String id, String name, PathTable of) {
        of.load()
                .updateProperties()
                .set(TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + "id", id)
                .set(TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + "name", name)
                .commit();
    }

    @Test
    void a_rewriter_that_drops_duplicates_or_changes_rows_is_found_out_before_the_commit() {
        var before = Trees.contents(warehouse);
        Map<String, Wrong> faults = Map.of(
                "loses a file", outputs -> outputs.subList(1, outputs.size()),
                "has a file twice", outputs -> List.of(outputs.get(0), outputs.get(0)));

        faults.forEach((name, wrong) -> {
            ActionResult result = Compacting.with(new CompactAction(
                            new LocalEngine(1, MemoryBudget.work()),
                            InstantSource.system(),
                            "test",
                            (choice, attempt) -> broken(attempt, wrong)))
                    .execute(ops());

            assertThat(result.reason()).as(name).isEqualTo(Reason.ROW_PROOF_FAILED);
            assertThat(result.files().left()).as(name).isEmpty();
            assertThat(Trees.contents(warehouse)).as(name).isEqualTo(before);
        });
    }

    @Test
    void a_byte_that_changed_in_storage_is_found_out_before_the_commit() {
        var before = Trees.contents(warehouse);
        Set<String> changed = new HashSet<>();

        ActionResult result = Compacting.with(new CompactAction(
                        new LocalEngine(1, MemoryBudget.work()),
                        InstantSource.system(),
                        "test",
                        (choice, attempt) -> spoilt(attempt, changed)))
                .proving(ProofLevel.COLUMNS)
                .execute(ops());

        assertThat(changed).hasSize(1);
        assertThat(result.reason()).isEqualTo(Reason.ROW_PROOF_FAILED);
        assertThat(result.detail()).contains("does not have the bytes that were compared and written");
        assertThat(result.files().left()).isEmpty();
        assertThat(Trees.contents(warehouse)).isEqualTo(before);
    }

    /** Merges pages into files of which a byte is changed before they are read back. */
    private static GroupRewriter spoilt(Attempt attempt, Set<String> changed) {
        return (group, staging, stop) -> {
            Set<String> staged = new HashSet<>();
            Table table = ToldReads.of(attempt.table(), location -> {
                if (staged.contains(location) && changed.add(location)) {
                    spoil(Path.of(location));
                }
            });
            Attempt other =
                    new Attempt(table, attempt.operationId(), attempt.footers(), attempt.memory(), attempt.level());
            return new PageRewriter(other)
                    .rewrite(
                            group,
                            location -> {
                                staging.announce(location);
                                staged.add(location);
                            },
                            stop);
        };
    }

    private static void spoil(Path file) {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(20);
            int one = bytes.read();
            bytes.seek(20);
            bytes.write(one ^ 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_stop_and_a_failure_while_rewriting_leave_nothing() {
        var before = Trees.contents(warehouse);
        int[] asked = {0};

        ActionResult stopped = Compacting.small().withStop(() -> asked[0]++ > 1).execute(ops());
        ActionResult failed = Compacting.with(new CompactAction(
                        new LocalEngine(1, MemoryBudget.work()),
                        InstantSource.system(),
                        "test",
                        (choice, attempt) -> failing(attempt)))
                .execute(ops());

        assertThat(stopped.reason()).isEqualTo(Reason.INTERRUPTED);
        assertThat(failed.reason()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(failed.detail()).contains("disk of the test is full").contains("1 file staged, 1 deleted");
        assertThat(Trees.contents(warehouse)).isEqualTo(before);
    }

    @Test
    void a_branch_is_rewritten_and_main_stays_as_it_is() {
        table.load()
                .manageSnapshots()
                .createBranch("audit", table.currentSnapshot())
                .commit();
        long main = table.currentSnapshot();
        List<String> rows = table.reader().rows();

        ActionResult result = Compacting.small().onBranch("audit").execute(ops());
        ActionResult absent = Compacting.small().onBranch("none").execute(ops());

        assertThat(result.reason()).isEqualTo(Reason.COMPACTED);
        assertThat(absent.reason()).isEqualTo(Reason.NO_CURRENT_SNAPSHOT);
        assertThat(table.currentSnapshot()).isEqualTo(main);
        assertThat(table.reader().rows(table.load().snapshot("audit").snapshotId()))
                .isEqualTo(rows);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_spec_of_void_fields_alone_is_rewritten_by_pages_and_by_records(int formatVersion) {
        for (boolean pages : new boolean[] {true, false}) {
            PathTable once = PathTable.create(warehouse, "void" + pages + formatVersion, 1, Map.of());
            once.load().updateSpec().addField(Expressions.bucket("id", 4)).commit();
            once.load().updateSpec().removeField(Expressions.bucket("id", 4)).commit();
            if (formatVersion == 2) {
                once.load().updateProperties().set("format-version", "2").commit();
            }
            once.append(1, 2);
            once.append(3);
            List<String> rows = once.reader().rows();
            CompactAction action = new CompactAction(
                    new LocalEngine(1, MemoryBudget.work()),
                    InstantSource.system(),
                    "test",
                    (choice, attempt) -> pages ? new PageRewriter(attempt) : new RecordRewriter(attempt));

            ActionResult done = Compacting.with(action).execute(once.load().operations());

            assertThat(done.reason()).as(done.toString()).isEqualTo(Reason.COMPACTED);
            assertThat(once.reader().rows()).isEqualTo(rows);
        }
    }

    @Test
    void an_expiry_after_it_frees_what_was_replaced_and_no_row() {
        List<String> rows = table.reader().rows();
        Compacting.small().execute(ops());

        ActionResult expired = Expiry.keeping(1).execute(ops());

        assertThat(expired.effect().get(Counter.DATA_FILES_DELETED)).isEqualTo(3);
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    private TableOperations ops() {
        return table.load().operations();
    }

    private interface Wrong {
        List<DataFile> of(List<DataFile> outputs);
    }

    private static GroupRewriter broken(Attempt attempt, Wrong wrong) {
        return new Wrapped(new RecordRewriter(attempt)) {
            @Override
            RewriteResult changed(RewriteResult result) {
                return new RewriteResult(
                        wrong.of(result.outputs()), result.rowsRead(), result.rowsDropped(), result.nulls());
            }
        };
    }

    private static GroupRewriter failing(Attempt attempt) {
        return new Wrapped(new RecordRewriter(attempt)) {
            @Override
            RewriteResult changed(RewriteResult result) {
                throw new IllegalStateException("the disk of the test is full");
            }
        };
    }

    private abstract static class Wrapped implements GroupRewriter {
        private final GroupRewriter rewriter;

        Wrapped(GroupRewriter rewriter) {
            this.rewriter = rewriter;
        }

        abstract RewriteResult changed(RewriteResult result);

        @Override
        public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
            return changed(rewriter.rewrite(group, staging, stop));
        }
    }
}
