package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Subject;
import io.sink.catalog.TableSource;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.rewrite.ProofLevel;
import io.sink.testing.Acting;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.StruckOperations;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One data file under several live entries, as {@code add_files} leaves it when it is run twice, on disk and on S3. */
class RepeatedFilesTest {
    private static final int ROWS = 10;

    @TempDir
    static Path folder;

    /** By their roots, each opened once: a store is probed by whoever opens it. */
    private static final Map<String, TableSource> OPEN = new HashMap<>();

    private static S3Server server;
    private static int tables;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(Files.createDirectories(folder.resolve("s3")));
    }

    @AfterAll
    static void stop() {
        OPEN.values().forEach(TableSource::close);
        OPEN.clear();
        server.close();
    }

    static Stream<PathWarehouse> warehouses() throws IOException {
        return Stream.of(
                PathWarehouse.local(Files.createDirectories(folder.resolve("disk"))),
                PathWarehouse.onS3(server, "s3://lake/w"));
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void a_byte_cap_that_parts_the_entries_of_a_file_loses_no_row(PathWarehouse warehouse) {
        for (boolean merged : new boolean[] {true, false}) {

            Made made = new Made(warehouse, 2);
            DataFile twice = made.append(0);
            DataFile other = made.append(1);
            made.append(2);
            made.add(twice);
            made.mergeManifests(merged);
            List<String> rows = made.rows();
            assertThat(rows).hasSize(4 * ROWS);

            for (long files = 1; files < 4; files++) {
                ActionResult result =
                        made.compact(policy(files * other.fileSizeInBytes() + 99, WhenAboveCap.PARTIAL, null));

                assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
                made.assertNothingIsMissingOrStaged(result);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void a_delete_that_applies_to_one_entry_of_a_file_has_all_of_them_rewritten_or_none(PathWarehouse warehouse) {
        for (boolean merged : new boolean[] {true, false}) {

            Made made = new Made(warehouse, 2);
            DataFile twice = made.append(0);
            made.deletePositions(twice, 0, 1, 2);
            made.add(twice);
            made.mergeManifests(merged);
            List<String> rows = made.rows();
            assertThat(rows).hasSize(2 * ROWS - 3);

            ActionResult result = made.compact(policy(1L << 30, WhenAboveCap.SKIP, twice.fileSizeInBytes()));

            assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
            assertThat(result.reason())
                    .as(result.toString())
                    .isEqualTo(merged ? Reason.NOTHING_TO_REWRITE : Reason.COMPACTED);
            assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(merged ? 0 : 2);
            made.assertNothingIsMissingOrStaged(result);
        }
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void a_file_in_two_partitions_stays_where_only_one_of_them_is_worth_a_rewrite(PathWarehouse warehouse) {
        for (boolean merged : new boolean[] {true, false}) {

            Made made = new Made(warehouse, 2);
            made.table().updateSpec().addField(Expressions.truncate("id", 10)).commit();
            DataFile twice = made.append(7);
            made.append(7);
            made.append(7);
            made.add(inPartition(made.table(), twice, 17));
            made.mergeManifests(merged);
            List<String> rows = made.rows();
            assertThat(rows).hasSize(4 * ROWS);

            ActionResult result = made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));
            ActionResult again = made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));

            assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
            assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(2);
            assertThat(result.detail()).contains("1 data file has several live entries", twice.location());
            assertThat(again.reason()).as(again.toString()).isEqualTo(Reason.NOTHING_TO_REWRITE);
            assertThat(again.detail()).contains(twice.location());
            made.assertNothingIsMissingOrStaged(result);
        }
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void a_file_in_two_partitions_is_rewritten_where_both_are_worth_it(PathWarehouse warehouse) {
        for (int version : new int[] {1, 3}) {

            Made made = new Made(warehouse, version);
            made.table().updateSpec().addField(Expressions.truncate("id", 10)).commit();
            DataFile twice = made.append(7);
            made.append(7);
            made.append(17);
            made.add(inPartition(made.table(), twice, 17));
            List<String> rows = made.rows();

            ActionResult result = made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));

            assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
            assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(4);
            made.assertNothingIsMissingOrStaged(result);
        }
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void all_entries_of_small_files_become_one_file_with_each_row_as_often(PathWarehouse warehouse) {
        for (int version = 1; version <= 3; version++) {

            Made made = new Made(warehouse, version);
            DataFile thrice = made.append(0);
            made.append(1);
            made.add(thrice);
            made.add(thrice);
            List<String> rows = made.rows();
            assertThat(rows).hasSize(4 * ROWS);

            ActionResult planned = made.preview(policy(1L << 30, WhenAboveCap.SKIP, null));
            ActionResult result = made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));
            ActionResult expired = Expiry.keeping(1).execute(made.table().operations());

            assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
            assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN))
                    .isEqualTo(planned.effect().get(Counter.DATA_FILES_REWRITTEN))
                    .isEqualTo(4);
            assertThat(expired.effect().get(Counter.DATA_FILES_DELETED)).isEqualTo(2);
            made.assertNothingIsMissingOrStaged(result);
        }
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void entries_of_a_file_in_one_manifest_stay_and_what_is_beside_them_is_rewritten(PathWarehouse warehouse) {

        Made made = new Made(warehouse, 3);
        DataFile twice = made.append(0);
        made.append(1);
        made.append(2);
        made.add(twice);
        made.mergeManifests(true);
        List<String> rows = made.rows();

        ActionResult result = made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));
        ActionResult again = made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));
        Expiry.keeping(1).execute(made.table().operations());

        assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(2);
        assertThat(result.detail()).contains(twice.location());
        assertThat(again.reason()).as(again.toString()).isEqualTo(Reason.NOTHING_TO_REWRITE);
        made.assertNothingIsMissingOrStaged(result);
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void a_delete_that_a_file_needs_which_is_left_out_stays(PathWarehouse warehouse) throws IOException {

        Made made = new Made(warehouse, 2);
        DataFile twice = made.append(0);
        made.append(0);
        made.append(0);
        made.add(twice);
        made.mergeManifests(true);
        Schema byName = PathTable.SCHEMA.select("name");
        Record key = GenericRecord.create(byName);
        key.setField("name", "row 3");
        new TableChanges(made.table())
                .deleteEqual(List.of(key), byName, made.table().spec(), null);
        List<String> rows = made.rows();
        assertThat(rows).hasSize(4 * (ROWS - 1));

        ActionResult result = made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));

        assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(2);
        made.assertNothingIsMissingOrStaged(result);
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void a_rewrite_of_manifests_keeps_every_entry_of_a_file(PathWarehouse warehouse) {
        for (int version = 1; version <= 3; version++) {

            Made made = new Made(warehouse, version);
            DataFile twice = made.append(0);
            made.append(1);
            made.append(2);
            made.add(twice);
            List<String> rows = made.rows();
            List<String> entries = made.reader().entries(made.snapshot());

            ActionResult result =
                    Acting.rewritingManifests(2).execute(made.table().operations());
            List<String> after = made.reader().entries(made.snapshot());
            made.compact(policy(1L << 30, WhenAboveCap.SKIP, null));

            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.MANIFESTS_REWRITTEN);
            assertThat(after).isEqualTo(entries);
            assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
            made.assertNothingIsMissingOrStaged(result);
        }
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void a_dangling_delete_file_under_two_entries_goes_with_both(PathWarehouse warehouse) {

        Made made = new Made(warehouse, 2);
        DataFile gone = made.append(0);
        DataFile stays = made.append(1);
        made.deletePositions(stays, 5);
        made.table().newDelete().deleteFile(gone).commit();
        DeleteFile dangling = made.deletePositions(gone, 1);
        made.table().newRowDelta().addDeletes(dangling).commit();
        List<String> rows = made.rows();
        assertThat(rows).hasSize(ROWS - 1);

        ActionResult result =
                Acting.removingDanglingDeletes().execute(made.table().operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.DANGLING_DELETES_REMOVED);
        assertThat(result.effect().get(Counter.DELETE_FILES_REMOVED)).isEqualTo(2);
        assertThat(made.reader().entries(made.snapshot()).toString())
                .doesNotContain(dangling.location())
                .contains(stays.location());
        assertThat(made.rows()).as(result.toString()).isEqualTo(rows);
        made.assertNothingIsMissingOrStaged(result);
    }

    @ParameterizedTest
    @MethodSource("warehouses")
    void an_entry_that_another_writer_adds_meanwhile_is_not_taken_along(PathWarehouse warehouse) {
        for (boolean merged : new boolean[] {true, false}) {
            for (int refresh = 2; refresh <= 3; refresh++) {

                Made made = new Made(warehouse, 2);
                DataFile twice = made.append(0);
                made.append(1);
                List<String> rows = new ArrayList<>();
                TableOperations struck = new StruckOperations(made.table().operations(), refresh, () -> {
                    made.add(twice);
                    made.mergeManifests(merged);
                    rows.addAll(made.rows());
                });

                ActionResult result = made.act(policy(1L << 30, WhenAboveCap.SKIP, null), struck);

                assertThat(rows).as(result.toString()).hasSize(3 * ROWS);
                assertThat(made.rows())
                        .as(merged + " " + refresh + " " + result)
                        .isEqualTo(rows);
                assertThat(result.reason())
                        .as(result.toString())
                        .isEqualTo(merged ? Reason.COMMIT_CONFLICT : Reason.COMPACTED);
                made.assertNothingIsMissingOrStaged(result);
            }
        }
    }

    /** A table of the test, and what the test does to it. */
    private static final class Made {
        private final PathWarehouse warehouse;
        private final TableSource source;
        private final String name = "t" + ++tables;

        Made(PathWarehouse warehouse, int version) {
            this.warehouse = warehouse;
            this.source = OPEN.computeIfAbsent(warehouse.root(), any -> warehouse.open());
            warehouse.create(name, version, Map.of());
        }

        BaseTable table() {
            return PathWarehouse.load(source, name);
        }

        SecondReader reader() {
            return warehouse.reader(name);
        }

        List<String> rows() {
            return reader().rows();
        }

        long snapshot() {
            return table().currentSnapshot().snapshotId();
        }

        /** Appends a file of rows of this id, in the partition of the id if the table has partitions. */
        DataFile append(long id) {
            try {
                Table table = table();
                StructLike partition = table.spec().isPartitioned() ? partition(table, id) : null;
                List<Record> rows = new ArrayList<>();
                for (int row = 0; row < ROWS; row++) {
                    Record record = GenericRecord.create(PathTable.SCHEMA);
                    record.setField("id", id);
                    record.setField("name", "row " + row);
                    rows.add(record);
                }
                DataFile file = new TableChanges(table).write(rows, PathTable.SCHEMA, table.spec(), partition);
                table.newFastAppend().appendFile(file).commit();
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void add(DataFile file) {
            table().newFastAppend().appendFile(file).commit();
        }

        DeleteFile deletePositions(DataFile file, long... positions) {
            try {
                return new TableChanges(table()).deletePositions(file, positions);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Brings all data files into one manifest, as an append does from time to time. */
        void mergeManifests(boolean merged) {
            if (merged) {
                table().rewriteManifests().clusterBy(file -> "").commit();
            }
        }

        ActionResult compact(CompactPolicy policy) {
            return act(policy, table().operations());
        }

        ActionResult act(CompactPolicy policy, TableOperations ops) {
            return decide(policy, ops) instanceof Decision.Go go
                    ? go.plan().execute()
                    : ((Decision.Stay) decide(policy, ops)).result();
        }

        ActionResult preview(CompactPolicy policy) {
            return ((Decision.Go) decide(policy, table().operations())).plan().preview();
        }

        private static Decision decide(CompactPolicy policy, TableOperations ops) {
            Action<CompactPolicy> action =
                    new CompactAction(new LocalEngine(1, MemoryBudget.work()), InstantSource.system(), "test");
            return action.plan(
                    new Subject("made.t", ops, true, "01RUN", "host", Instant.now(), io.sink.action.StopSignal.NEVER),
                    policy);
        }

        void assertNothingIsMissingOrStaged(ActionResult result) {
            Set<Path> needed = reader().reachable();
            assertThat(needed).as(result.toString()).allMatch(Files::exists);
            assertThat(SavedTree.files(warehouse.directory(name)))
                    .as(result.toString())
                    .noneMatch(file -> file.toString().contains("sink-staged"))
                    .noneMatch(file -> file.toString().contains("01RUN") && !needed.contains(file));
        }
    }

    private static StructLike partition(Table table, long id) {
        GenericRecord partition = GenericRecord.create(table.spec().partitionType());
        partition.set(0, id - id % 10);
        return partition;
    }

    private static DataFile inPartition(Table table, DataFile file, long id) {
        PartitionSpec spec = table.spec();
        return DataFiles.builder(spec)
                .copy(file)
                .withPartition(partition(table, id))
                .build();
    }

    private static CompactPolicy policy(long cap, WhenAboveCap above, @Nullable Long target) {
        return new CompactPolicy(
                Compaction.set(1),
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
}
