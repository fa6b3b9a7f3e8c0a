package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.GroupRewriter;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RecordRewriter;
import io.sink.rewrite.RewriteResult;
import io.sink.rewrite.Staging;
import io.sink.testing.CachedTable;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Others change a table between the plan of its rewrite and the commit, or write it in ways that Iceberg does not see.
 */
class RacedRewriteTest {
    @TempDir
    Path warehouse;

    @Test
    void a_run_id_that_comes_again_overwrites_no_live_file() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        Instant night = Instant.now();
        assertThat(compact(table, night).reason()).isEqualTo(Reason.COMPACTED);
        table.append(3);
        List<String> rows = table.reader().rows();

        ActionResult again = compact(table, night);

        assertThat(again.reason()).as(again.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(table.reader().rows()).isEqualTo(rows);
    }

    @Test
    void two_tables_that_write_to_one_folder_keep_their_rows_in_one_run() {
        Map<String, String> shared =
                Map.of("write.data.path", warehouse.resolve("shared").toString());
        PathTable one = PathTable.create(warehouse, "one", 2, shared);
        PathTable other = PathTable.create(warehouse, "other", 2, shared);
        one.append(1);
        one.append(2);
        other.append(3);
        other.append(4);
        List<String> rows = one.reader().rows();
        List<String> otherRows = other.reader().rows();
        Instant run = Instant.now();

        compact(one, run);
        compact(other, run);

        assertThat(one.reader().rows()).isEqualTo(rows);
        assertThat(other.reader().rows()).isEqualTo(otherRows);
    }

    @Test
    void a_position_delete_whose_bounds_were_cut_is_a_conflict_too() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile first = table.append(1, 2, 3);
        table.append(4);
        Decision.Go planned = plan(table);
        TestFiles files = new TestFiles(table.load());
        DeleteFile honest = files.positionDeletes(
                Map.of(first.location(), Set.of(1L)), PartitionSpec.unpartitioned(), first.partition());
        table.load()
                .newRowDelta()
                .addDeletes(withCutBounds(honest, first.location()))
                .commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(3);

        ActionResult result = planned.plan().execute();

        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
        assertThat(result.reason()).isEqualTo(Reason.COMMIT_CONFLICT);
        assertNothingStagedIsLeft(table);
    }

    @Test
    void a_file_that_is_appended_a_second_time_meanwhile_keeps_its_rows_twice() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile first = table.append(1, 2, 3);
        table.append(4);
        Decision.Go planned = plan(table);
        table.load().newFastAppend().appendFile(first).commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(7);

        ActionResult result = planned.plan().execute();

        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
        assertNothingStagedIsLeft(table);
    }

    @Test
    void a_file_that_is_in_the_table_twice_keeps_its_rows_twice() {
        for (long cap : new long[] {1, 700, 1_000, 1_500, 2_500, 1L << 30}) {
            PathTable table = PathTable.create(warehouse, "t" + cap, 2, Map.of());
            DataFile first = table.append(1, 2, 3);
            table.append(4);
            table.append(5);
            table.load().newFastAppend().appendFile(first).commit();
            List<String> rows = table.reader().rows();
            assertThat(rows).hasSize(8);

            ActionResult result = act(table, policy(cap, WhenAboveCap.PARTIAL, null));

            assertThat(table.reader().rows()).as(cap + " " + result).isEqualTo(rows);
        }
    }

    @Test
    void rows_that_get_their_ids_between_plan_and_commit_keep_them() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2, 3);
        table.append(4);
        upgrade(table);
        Decision.Go planned = plan(table);
        table.append(5);
        List<String> rows = table.reader().rows();

        ActionResult result = planned.plan().execute();

        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
    }

    @Test
    void rows_of_a_table_that_is_upgraded_between_plan_and_commit_keep_the_ids_they_got() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2, 3);
        table.append(4);
        Decision.Go planned = plan(table);
        upgrade(table);
        table.append(5);
        List<String> rows = table.reader().rows();

        ActionResult result = planned.plan().execute();

        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
    }

    @Test
    void an_equality_delete_stays_while_a_file_that_is_not_rewritten_has_its_rows() throws Exception {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        DataFile big = withCutBounds(new TestFiles(table.load()).data(rows(10, 11, 12), null));
        table.load().newAppend().appendFile(big).commit();
        table.append(1);
        table.append(11);
        Schema name = TypeUtil.select(PathTable.SCHEMA, Set.of(2));
        Record key = GenericRecord.create(name);
        key.set(0, "name of 11");
        table.load()
                .newRowDelta()
                .addDeletes(new TestFiles(table.load())
                        .equalityDeletes(List.of(key), name, PartitionSpec.unpartitioned(), null))
                .commit();
        List<String> rows = table.reader().rows();
        assertThat(rows).hasSize(3);

        ActionResult result = act(table, policy(1L << 30, WhenAboveCap.SKIP, big.fileSizeInBytes()));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(table.reader().rows()).as(result.toString()).isEqualTo(rows);
    }

    @Test
    void what_is_staged_goes_when_a_codec_cannot_be_loaded() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        SavedTree before = SavedTree.of(warehouse);
        CompactAction action = new CompactAction(
                new LocalEngine(1, MemoryBudget.work()),
                InstantSource.system(),
                "test",
                (choice, attempt) -> new GroupRewriter() {
                    @Override
                    public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
                        new RecordRewriter(attempt).rewrite(group, staging, stop);
                        throw new UnsatisfiedLinkError("no zstd in java.library.path");
                    }
                });
        ActionResult result;
        try {
            result = Compacting.with(action).execute(table.load().operations());
        } catch (LinkageError e) {
            result = ActionResult.of(Reason.INTERNAL_ERROR, "as TableWalk says");
        }

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(SavedTree.files(warehouse)).as(result.toString()).isEqualTo(before.files());
    }

    @Test
    void others_at_work_meanwhile_lose_nothing() {
        Map<String, Consumer<PathTable>> others = Map.of(
                "append", table -> table.append(50),
                "position delete", table -> table.delete(firstFile(table), 0),
                "equality delete", this::deleteName2,
                "replace", table -> table.replace(60),
                "rollback",
                        table -> {
                            Table loaded = table.load();
                            loaded.manageSnapshots()
                                    .rollbackTo(loaded.currentSnapshot().parentId())
                                    .commit();
                        },
                "compaction",
                        table -> assertThat(compact(table, Instant.EPOCH).reason())
                                .isEqualTo(Reason.COMPACTED),
                "append and expiry of the start",
                        table -> {
                            long start = table.currentSnapshot();
                            table.append(51);
                            table.load()
                                    .expireSnapshots()
                                    .expireSnapshotId(start)
                                    .commit();
                        },
                "spec change", table -> table.load().updateSpec().addField("id").commit(),
                "column dropped",
                        table ->
                                table.load().updateSchema().deleteColumn("name").commit(),
                "sort order", table -> table.load().replaceSortOrder().asc("id").commit());
        for (int version : new int[] {2, 3}) {
            others.forEach((what, change) -> {
                PathTable table = PathTable.create(warehouse, what.replace(' ', '_') + version, version, Map.of());
                table.append(1, 2, 3);
                table.append(2, 4);
                Decision.Go planned = plan(table);
                change.accept(table);
                List<String> rows = table.reader().rows();

                ActionResult result = planned.plan().execute();

                assertThat(table.reader().rows()).as(what + " " + result).isEqualTo(rows);
                assertThat(table.reader().reachable()).as(what + " " + result).allMatch(Files::exists);
                assertThat(result.outcome()).as(what + " " + result).isIn(Outcome.DONE, Outcome.DEFERRED);
                assertNothingStagedIsLeft(table);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, COMMIT_STATE_UNKNOWN, and the table does not show it",
        "1, COMPACTED, does not show the commit that landed"
    })
    void a_table_that_is_read_again_as_it_was_before_the_commit_loses_no_file(
            int trueReads, Reason reason, String why) {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2, 3);
        table.append(4);
        List<String> rows = table.reader().rows();

        ActionResult result =
                Compacting.small().execute(new CachedTable(table.load().operations(), trueReads));

        assertThat(table.reader().reachable()).as(result.toString()).allMatch(Files::exists);
        assertThat(table.reader().rows()).isEqualTo(rows);
        assertThat(result.reason()).isEqualTo(reason);
        assertThat(result.detail()).contains(why);
        assertThat(SavedTree.files(table.location()))
                .anyMatch(file -> file.toString().contains("sink-staged"));
    }

    private void deleteName2(PathTable table) {
        Schema name = TypeUtil.select(PathTable.SCHEMA, Set.of(2));
        Record key = GenericRecord.create(name);
        key.set(0, "name of 2");
        table.load()
                .newRowDelta()
                .addDeletes(new TestFiles(table.load())
                        .equalityDeletes(List.of(key), name, PartitionSpec.unpartitioned(), null))
                .commit();
    }

    private static DataFile firstFile(PathTable table) {
        return table.load()
                .currentSnapshot()
                .addedDataFiles(table.load().io())
                .iterator()
                .next();
    }

    private static void assertNothingStagedIsLeft(PathTable table) {
        Set<Path> files = SavedTree.files(table.location());
        Set<Path> needed = table.reader().reachable();
        assertThat(files)
                .noneMatch(file -> file.toString().contains("sink-staged"))
                .noneMatch(file -> file.toString().contains("01RUN") && !needed.contains(file));
    }

    private static void upgrade(PathTable table) {
        table.load().updateProperties().set("format-version", "3").commit();
    }

    private static DeleteFile withCutBounds(DeleteFile delete, String path) {
        ByteBuffer cut = Conversions.toByteBuffer(Types.StringType.get(), path.substring(0, 16));
        int id = MetadataColumns.DELETE_FILE_PATH.fieldId();
        return FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                .ofPositionDeletes()
                .withPath(delete.location())
                .withFormat(delete.format())
                .withFileSizeInBytes(delete.fileSizeInBytes())
                .withMetrics(new Metrics(
                        delete.recordCount(), null, null, null, null, Map.of(id, cut), Map.of(id, cut.duplicate())))
                .build();
    }

    private static DataFile withCutBounds(DataFile file) {
        ByteBuffer cut = Conversions.toByteBuffer(Types.StringType.get(), "name o");
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(file.location())
                .withFormat(file.format())
                .withFileSizeInBytes(file.fileSizeInBytes())
                .withMetrics(new Metrics(
                        file.recordCount(),
                        null,
                        Map.of(2, file.recordCount()),
                        Map.of(2, 0L),
                        null,
                        Map.of(2, cut),
                        Map.of(2, cut.duplicate())))
                .build();
    }

    private static List<Record> rows(long... ids) {
        List<Record> rows = new ArrayList<>();
        for (long id : ids) {
            Record row = GenericRecord.create(PathTable.SCHEMA);
            row.setField("id", id);
            row.setField("name", "name of " + id);
            rows.add(row);
        }
        return rows;
    }

    private static ActionResult compact(PathTable table, Instant night) {
        return Compacting.small().at(night).execute(table.load().operations());
    }

    private static CompactPolicy policy(long cap, WhenAboveCap above, @Nullable Long target) {
        return new CompactPolicy(
                Compaction.set(2),
                Compaction.set(cap),
                target == null ? null : Compaction.set(target),
                Compaction.set(2),
                Compaction.set(above),
                Compaction.set(ProofLevel.FULL),
                Compaction.set("main"),
                Compaction.set(CompactPolicy.OnUnreadable.FAIL),
                Compaction.set(1),
                Compaction.set(1),
                CompactPolicy.Partitions.ALL);
    }

    private static ActionResult act(PathTable table, CompactPolicy policy) {
        Decision decision = decide(table, policy);
        return decision instanceof Decision.Stay stay
                ? stay.result()
                : ((Decision.Go) decision).plan().execute();
    }

    private static Decision.Go plan(PathTable table) {
        return (Decision.Go) decide(table, policy(1L << 30, WhenAboveCap.SKIP, null));
    }

    private static Decision decide(PathTable table, CompactPolicy policy) {
        BaseTable loaded = table.load();
        return new CompactAction(new LocalEngine(1, MemoryBudget.work()), InstantSource.system(), "test")
                .plan(
                        new Subject(
                                "made.t",
                                loaded.operations(),
                                true,
                                "01RUN",
                                "host",
                                Instant.now(),
                                io.sink.action.StopSignal.NEVER),
                        policy);
    }
}
