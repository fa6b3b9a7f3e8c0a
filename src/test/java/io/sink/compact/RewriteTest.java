package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.action.StoppedException;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.rewrite.Attempt;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.RecordRewriter;
import io.sink.rows.RowFiles;
import io.sink.testing.Attempts;
import io.sink.testing.Compacting;
import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.variants.ShreddedObject;
import org.apache.iceberg.variants.Variant;
import org.apache.iceberg.variants.VariantMetadata;
import org.apache.iceberg.variants.Variants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RewriteTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {300_000, 1_000_000, 1_700_000})
    void outputs_are_of_the_wanted_size_and_a_second_run_has_nothing_to_do(int target) {
        SmallTable small = SmallTable.plain(directory, 2);
        Random random = new Random(7);
        for (int file = 0; file < 12; file++) {
            List<Record> rows = IntStream.range(0, 4_000)
                    .mapToObj(row -> SmallTable.row(
                            row, Long.toHexString(random.nextLong()).repeat(4)))
                    .toList();
            small.append(rows, 0);
        }
        CompactPolicy policy = Compaction.policy(1, 5, target);

        Compaction.Done done = run(small.table, policy);

        List<DataFile> outputs = done.results().get(0).outputs();
        assertThat(outputs.stream()
                        .filter(file ->
                                file.fileSizeInBytes() < 0.75 * target || file.fileSizeInBytes() > 1.8 * target))
                .hasSizeLessThanOrEqualTo(1);
        assertThat(Compaction.plan(small.table, policy))
                .isInstanceOfSatisfying(
                        Stay.class, stay -> assertThat(stay.reason()).isEqualTo(Reason.NOTHING_TO_REWRITE));
    }

    @Test
    void a_file_that_is_too_large_is_split() {
        SmallTable small = SmallTable.plain(directory, 2);
        Random random = new Random(7);
        small.append(
                IntStream.range(0, 20_000)
                        .mapToObj(row -> SmallTable.row(row, Long.toHexString(random.nextLong())))
                        .toList(),
                0);
        CompactPolicy policy = Compaction.policy(1, 5, 100_000);

        Compaction.Done done = run(small.table, policy);

        assertThat(done.results().get(0).outputs()).hasSizeGreaterThan(1);
        assertThat(Compaction.plan(small.table, policy)).isInstanceOf(Stay.class);
    }

    @Test
    void a_table_with_a_sort_order_comes_out_sorted_even_where_rows_do_not_fit_in_memory() throws IOException {
        SortOrder order =
                SortOrder.builderFor(SmallTable.SCHEMA).desc("text").asc("id").build();
        SmallTable small = new SmallTable(directory, 3, PartitionSpec.unpartitioned(), order);
        Random random = new Random(3);
        for (int file = 0; file < 4; file++) {
            small.append(
                    IntStream.range(0, 3000)
                            .mapToObj(row -> SmallTable.row(random.nextInt(50), "t" + random.nextInt(20)))
                            .toList(),
                    0);
        }
        List<String> before = LocalTable.rows(small.table);
        CompactPlan plan = (CompactPlan) Compaction.plan(small.table, Compaction.policy(1, 2, MIB));

        Compaction.Done done =
                Compaction.run(small.table, plan, new RecordRewriter(Attempt.of(small.table, "run", 4 * 50_000)));

        assertThat(plan.sorted()).isTrue();
        DataFile output = done.results().get(0).outputs().get(0);
        assertThat(output.sortOrderId()).isEqualTo(order.orderId());
        List<Record> rows = new ArrayList<>();
        try (var read = RowFiles.written(
                small.table.io().newInputFile(output.location()), output.format(), RowFiles.schema(small.table))) {
            read.forEach(rows::add);
        }
        Comparator<Record> byText = Comparator.comparing(row -> row.get(1, String.class), Comparator.reverseOrder());
        assertThat(rows).isSortedAccordingTo(byText.thenComparing(row -> row.get(0, Integer.class)));
        assertThat(LocalTable.rows(small.table)).containsExactlyElementsOf(before);
    }

    @Test
    void rows_of_an_older_spec_move_to_the_partitions_of_the_current_one() {
        SmallTable small = SmallTable.plain(directory, 2);
        for (int file = 0; file < 3; file++) {
            small.append(
                    IntStream.range(0, 30)
                            .mapToObj(row -> SmallTable.row(row % 3, "x"))
                            .toList(),
                    0);
        }
        small.table.updateSpec().addField("id").commit();
        List<String> before = LocalTable.rows(small.table);

        Compaction.Done done = run(small.table, Compaction.policy(1, 2, MIB));

        assertThat(done.plan().groups()).allMatch(FileGroup::repartition);
        assertThat(done.results().get(0).outputs())
                .extracting(file -> file.partition().get(0, Integer.class))
                .containsExactly(0, 1, 2);
        assertThat(LocalTable.rows(small.table)).containsExactlyElementsOf(before);
    }

    @ParameterizedTest
    @CsvSource({"5, 4", "5, 6", "3, 2", "2, 1", "2, 3"})
    void files_of_an_older_spec_leave_nothing_for_a_second_run(int minInputFiles, int filesInPartition) {
        SmallTable small = SmallTable.plain(directory, 2);
        for (int file = 0; file < 6; file++) {
            small.append(
                    IntStream.range(0, 30)
                            .mapToObj(row -> SmallTable.row(row % 3, "x"))
                            .toList(),
                    0);
        }
        small.table.updateSpec().addField("id").commit();
        for (int file = 0; file < filesInPartition; file++) {
            small.append(List.of(SmallTable.row(1, "y")), 1);
            small.append(List.of(SmallTable.row(7, "z")), 7);
        }
        List<String> before = LocalTable.rows(small.table);
        CompactPolicy policy = Compaction.policy(1, minInputFiles, MIB);

        run(small.table, policy);

        assertThat(LocalTable.rows(small.table)).containsExactlyElementsOf(before);
        assertThat(Compaction.plan(small.table, policy))
                .isInstanceOfSatisfying(
                        Stay.class, stay -> assertThat(stay.reason()).isEqualTo(Reason.NOTHING_TO_REWRITE));
    }

    @Test
    void a_group_whose_rows_are_all_deleted_leaves_no_file() {
        SmallTable small = SmallTable.plain(directory, 2);
        small.append(5, 10);
        small.append(5, 10);
        small.deleteEqual(1, 5);

        Compaction.Done done = run(small.table, Compaction.policy(1, 2, MIB));

        assertThat(done.announced()).isEmpty();
        assertThat(done.results().get(0).rowsDropped()).isEqualTo(20);
        assertThat(LocalTable.rows(small.table)).isEmpty();
    }

    /** As an upsert is written: the key is deleted, and its new row is in the same commit. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_equality_delete_leaves_rows_of_its_own_commit_and_later_ones(boolean sorted) throws IOException {
        SmallTable small = SmallTable.plain(directory, 2);
        if (sorted) {
            small.table.replaceSortOrder().asc("id").commit();
        }
        small.append(List.of(SmallTable.row(1, "old"), SmallTable.row(1, "other")), 1);
        DataFile again = small.files.data(List.of(SmallTable.row(2, "old")), null);
        Schema key = small.table.schema().select("text");
        Record deleted = GenericRecord.create(key);
        deleted.set(0, "old");
        small.table
                .newRowDelta()
                .addDeletes(small.files.equalityDeletes(List.of(deleted), key, PartitionSpec.unpartitioned(), null))
                .addRows(again)
                .commit();
        small.append(List.of(SmallTable.row(3, "old")), 3);
        small.deleteEqual(2, "nothing");

        run(small.table, Compaction.policy(1, 2, MIB));

        assertThat(texts(small.table)).containsExactly("1 other", "2 old", "3 old");
    }

    @Test
    void an_equality_delete_of_a_partition_leaves_the_rows_of_others() throws IOException {
        SmallTable small = SmallTable.byId(directory);
        small.append(List.of(SmallTable.row(1, "a"), SmallTable.row(1, "b")), 1);
        small.append(List.of(SmallTable.row(2, "a"), SmallTable.row(2, "b")), 2);
        Schema key = small.table.schema().select("text");
        for (int partition = 1; partition <= 2; partition++) {
            Record deleted = GenericRecord.create(key);
            deleted.set(0, partition == 1 ? "a" : "b");
            small.table
                    .newRowDelta()
                    .addDeletes(small.files.equalityDeletes(
                            List.of(deleted), key, small.table.spec(), SmallTable.partition(partition)))
                    .commit();
        }
        small.table.updateSpec().removeField("id").commit();
        small.append(List.of(SmallTable.row(3, "a")), 3);

        run(small.table, Compaction.policy(1, 2, MIB));

        assertThat(texts(small.table)).containsExactly("1 b", "2 a", "3 a");
    }

    @Test
    void vectors_go_with_their_files_beside_other_deletes() {
        PathTable table = PathTable.create(directory, "vectors", 3, Map.of());
        DataFile first = table.append(1, 2, 3);
        DataFile second = table.append(4, 5, 6);
        table.delete(first, 1);
        table.delete(second, 2);
        GenericRecord key = GenericRecord.create(PathTable.SCHEMA.select("id"));
        key.setField("id", 3L);
        BaseTable loaded = table.load();
        loaded.newRowDelta()
                .addDeletes(new TestFiles(loaded)
                        .equalityDeletes(List.of(key), PathTable.SCHEMA.select("id"), loaded.spec(), null))
                .commit();

        ActionResult result = Compacting.small().execute(table.load().operations());

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.COMPACTED);
        assertThat(result.effect().get(Counter.DELETE_FILES_REMOVED)).isEqualTo(3);
        assertThat(table.reader().entries(table.currentSnapshot())).hasSize(1);
        assertThat(table.reader().rows()).hasSize(3);
    }

    private static List<String> texts(Table table) throws IOException {
        table.refresh();
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> read = IcebergGenerics.read(table).build()) {
            read.forEach(row -> rows.add(row.getField("id") + " " + row.getField("text")));
        }
        Collections.sort(rows);
        return rows;
    }

    @Test
    void a_file_is_announced_before_it_exists_and_lies_where_the_table_says() {
        SmallTable small = SmallTable.plain(directory.resolve("t"), 2);
        Path elsewhere = directory.resolve("elsewhere");
        small.table
                .updateProperties()
                .set("write.data.path", elsewhere.toString())
                .set("write.object-storage.enabled", "true")
                .commit();
        small.append(1, 3);
        small.append(2, 3);
        CompactPlan plan = (CompactPlan) Compaction.plan(small.table, Compaction.policy(1, 2, MIB));
        List<String> announced = new ArrayList<>();

        new RecordRewriter(Attempt.of(small.table, "run-7", Attempts.MEMORY))
                .rewrite(
                        plan.groups().get(0),
                        location -> {
                            assertThat(Path.of(location)).doesNotExist();
                            announced.add(location);
                        },
                        () -> false);

        assertThat(announced)
                .singleElement()
                .satisfies(location ->
                        assertThat(location).startsWith(elsewhere.toString()).contains("run-7"));
        assertThat(Path.of(announced.get(0))).exists();
    }

    @Test
    void a_raised_signal_ends_the_rewrite() {
        SmallTable small = SmallTable.plain(directory, 2);
        small.append(1, 10_000);
        small.append(2, 10_000);
        CompactPlan plan = (CompactPlan) Compaction.plan(small.table, Compaction.policy(1, 2, MIB));
        AtomicInteger asked = new AtomicInteger();

        assertThatThrownBy(() -> new RecordRewriter(Attempt.of(small.table, "run", Attempts.MEMORY))
                        .rewrite(plan.groups().get(0), location -> {}, () -> asked.incrementAndGet() > 3))
                .isInstanceOf(StoppedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void variants_keep_what_they_say(String shredded) {
        Schema schema = new Schema(
                Types.NestedField.required(1, "id", Types.IntegerType.get()),
                Types.NestedField.optional(2, "v", Types.VariantType.get()));
        Table table = LocalTable.create(
                directory,
                schema,
                PartitionSpec.unpartitioned(),
                SortOrder.builderFor(schema).asc("id").build(),
                Map.of("format-version", "3", "write.parquet.shred-variants", shredded));
        for (int file = 0; file < 3; file++) {
            List<Record> rows = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Record row = GenericRecord.create(schema);
                row.set(0, i);
                row.set(1, i % 7 == 0 ? null : variant(i));
                rows.add(row);
            }
            table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        }
        table.updateProperties()
                .set("write.parquet.shred-variants", shredded.equals("true") ? "false" : "true")
                .commit();

        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, MIB));
        Compaction.Done done = Compaction.run(table, plan, new RecordRewriter(Attempt.of(table, "run", 4 * 20_000)));

        assertThat(done.proof().rows()).isEqualTo(600);
        assertThat(done.proof().nulls()).isEqualTo(87);
    }

    private static Variant variant(int i) {
        VariantMetadata metadata = Variants.metadata("a", "b");
        ShreddedObject object = Variants.object(metadata);
        object.put("a", Variants.of(i));
        object.put("b", i % 2 == 0 ? Variants.of("text " + i) : Variants.ofNull());
        return i % 5 == 0 ? Variant.of(metadata, Variants.of(-0.0)) : Variant.of(metadata, object);
    }

    private static Compaction.Done run(Table table, CompactPolicy policy) {
        CompactPlan plan = (CompactPlan) Compaction.plan(table, policy);
        return Compaction.run(table, plan, new RecordRewriter(Attempt.of(table, "run", Attempts.MEMORY)));
    }
}
