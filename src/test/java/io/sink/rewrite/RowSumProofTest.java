package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.action.ProofFailedException;
import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.TestFiles;
import io.sink.pages.BrokenPageException;
import io.sink.rows.GroupInput;
import io.sink.testing.Attempts;
import io.sink.testing.ToldLengths;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors that a rewrite in another order could make, planted one at a time. */
class RowSumProofTest {
    private static final int ROWS = 200;
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "text", Types.StringType.get()),
            Types.NestedField.optional(3, "x", Types.DoubleType.get()),
            Types.NestedField.optional(4, "y", Types.DoubleType.get()),
            Types.NestedField.optional(
                    5,
                    "pair",
                    Types.StructType.of(
                            Types.NestedField.optional(6, "left", Types.IntegerType.get()),
                            Types.NestedField.optional(7, "right", Types.IntegerType.get()))),
            Types.NestedField.optional(8, "price", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(9, "list", Types.ListType.ofOptional(10, Types.IntegerType.get())),
            Types.NestedField.optional(
                    11,
                    "lists",
                    Types.ListType.ofOptional(12, Types.ListType.ofOptional(13, Types.IntegerType.get()))));

    @TempDir
    Path directory;

    private Table table;

    @BeforeEach
    void make_a_table() {
        table = created(2);
    }

    private Table created(int version) {
        Table made = LocalTable.create(
                directory.resolve("t" + version),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of("format-version", Integer.toString(version)));
        for (int file = 0; file < 3; file++) {
            List<Record> rows = IntStream.range(file * ROWS, (file + 1) * ROWS)
                    .mapToObj(RowSumProofTest::row)
                    .toList();
            made.newAppend().appendFile(new TestFiles(made).data(rows, null)).commit();
        }
        return made;
    }

    private static Record row(int id) {
        Record pair = GenericRecord.create(SCHEMA.findType(5).asStructType());
        pair.setField("left", id % 5 == 0 ? null : id);
        pair.setField("right", id % 7 == 0 ? null : -id);
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", (long) id);
        row.setField("text", id % 3 == 0 ? "text " + id : "kind " + id % 2);
        row.setField("x", id % 11 == 0 ? Double.NaN : id % 13 == 0 ? -0.0 : id / 3.0);
        row.setField("y", id / 7.0);
        row.setField("pair", id % 17 == 0 ? null : pair);
        row.setField("price", BigDecimal.valueOf(id, 2));
        row.setField("list", id % 5 == 0 ? null : List.of(id, id + 1, id + 2).subList(0, id % 4));
        row.setField("lists", List.of(List.of(id, id + 1), List.of(id + 2)));
        return row;
    }

    @Test
    void rows_in_another_order_are_proved() {
        proves(rows -> {
            List<Record> other = new ArrayList<>(rows);
            Collections.shuffle(other, new Random(7));
            return other;
        });
    }

    @Test
    void a_sorted_rewrite_without_deleted_rows_is_proved_with_its_lineage() {
        table = created(3);
        table.replaceSortOrder().desc("y").commit();
        delete(Set.of(0L, 5L, 199L));

        assertThat(FilesProof.compareRows(table, planned(), sorted(planned()).outputs()))
                .isTrue();
    }

    @Test
    void row_ids_that_are_off_by_one() {
        table = created(3);
        table.replaceSortOrder().desc("y").commit();
        FileGroup group = planned();
        FileGroup wrong = with(
                group,
                group.inputs().stream()
                        .map(input -> new GroupInput(renumbered(input.data()), input.deletes()))
                        .toList());

        fails(group, sorted(wrong).outputs(), "have other hashes");
    }

    @Test
    void a_deleted_row_that_is_kept_in_the_place_of_another() {
        table = created(3);
        delete(Set.of(7L));
        FileGroup group = planned();
        GroupInput first = group.inputs().get(0);
        List<GroupInput> inputs = new ArrayList<>(group.inputs());
        inputs.set(0, new GroupInput(first.data(), List.of(new TestFiles(table).vector(first.data(), Set.of(8L)))));

        fails(group, sorted(with(group, inputs)).outputs(), "have other hashes");
    }

    @Test
    void one_row_in_the_place_of_another() {
        fails(changed(rows -> rows.set(0, rows.get(3))));
    }

    @Test
    void a_row_twice_and_one_missing() {
        fails(changed(rows -> rows.set(9, rows.get(8))));
    }

    @Test
    void a_row_that_is_missing() {
        fails(changed(rows -> rows.remove(11)));
    }

    @Test
    void values_of_two_columns_that_changed_places() {
        fails(set(30, row -> {
            Object x = row.getField("x");
            row.setField("x", row.getField("y"));
            row.setField("y", x);
        }));
    }

    @Test
    void a_column_that_is_a_row_late() {
        fails(changed(rows -> {
            List<Object> all = new ArrayList<>();
            rows.forEach(row -> all.add(row.getField("price")));
            Collections.rotate(all, 1);
            for (int i = 0; i < all.size(); i++) {
                rows.get(i).setField("price", all.get(i));
            }
        }));
    }

    @Test
    void the_sign_of_a_zero() {
        fails(set(13, row -> row.setField("x", 0.0)));
    }

    @Test
    void a_null_that_became_a_value() {
        fails(set(10, row -> row.get(4, Record.class).setField("left", 0)));
    }

    @Test
    void a_null_struct_that_became_one_of_nulls() {
        fails(set(
                34,
                row -> row.setField(
                        "pair", GenericRecord.create(SCHEMA.findType(5).asStructType()))));
    }

    @Test
    void an_empty_list_that_became_a_null() {
        fails(set(4, row -> row.setField("list", null)));
    }

    @Test
    void an_element_that_moved_to_the_list_of_another_row() {
        fails(changed(rows -> {
            rows.get(1).setField("list", List.of(1, 2));
            rows.get(2).setField("list", List.of(3));
        }));
    }

    @Test
    void an_element_that_moved_to_the_next_list_of_its_row() {
        fails(set(6, row -> row.setField("lists", List.of(List.of(6), List.of(7, 8)))));
    }

    @Test
    void an_input_that_has_other_rows_than_its_footer_says() throws IOException {
        FileGroup group = planned();
        List<DataFile> outputs = broken(group, rows -> rows);
        Path input = Path.of(group.inputs().get(1).data().location());
        WrongFiles.footer(input, footer -> footer.getRow_groups().get(0).setNum_rows(ROWS - 1));

        assertThatThrownBy(() -> FilesProof.compareRows(table, group, outputs))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining(ROWS + " rows in column id of " + input + ", and " + (ROWS - 1));
    }

    @Test
    void elements_of_a_list_that_changed_places() {
        fails(set(3, row -> row.setField("list", List.of(3, 5, 4))));
    }

    @Test
    void a_field_that_a_struct_got_later_is_left_to_the_fingerprint() {
        table.updateSchema()
                .addColumn("pair", "middle", Types.IntegerType.get())
                .commit();
        FileGroup group = planned();

        assertThat(FilesProof.compareRows(table, group, sorted(group).outputs()))
                .isFalse();
    }

    @Test
    void an_offset_index_of_a_list_that_is_of_other_rows() throws IOException {
        table.updateProperties().set("write.parquet.page-row-limit", "100").commit();
        FileGroup group = planned();
        List<DataFile> outputs = sorted(group).outputs();
        WrongFiles.firstRow(Path.of(outputs.get(0).location()), "lists.list.element.list.element");

        fails(group, outputs, "the offset index of column lists.list.element.list.element of ");
    }

    @Test
    void a_value_that_is_not_in_the_bloom_filter() throws IOException {
        table.updateProperties()
                .set("write.parquet.bloom-filter-enabled.column.text", "true")
                .set("write.parquet.bloom-filter-max-bytes", "64")
                .set("write.parquet.dict-size-bytes", "100")
                .commit();
        FileGroup group = planned();
        List<DataFile> outputs = sorted(group).outputs();
        assertThat(FilesProof.compareRows(table, group, outputs)).isTrue();
        for (int bit = 0; bit < 8; bit++) {
            int at = 20 + bit;
            WrongFiles.flip(
                    Path.of(outputs.get(0).location()),
                    chunk -> chunk.getBloomFilterOffset() > 0 ? chunk.getBloomFilterOffset() + at : -1);
        }

        fails(group, outputs, "is not in its Bloom filter");
    }

    @Test
    void a_manifest_that_says_something_else() {
        FileGroup group = planned();
        DataFile file = sorted(group).outputs().get(0);
        DataFile wrong = WrongFiles.manifest(
                table,
                file,
                of -> new Metrics(
                        of.recordCount(), null, of.valueCounts(), of.nullValueCounts(), Map.of(3, 1L), null, null));

        fails(group, List.of(wrong), "NaN values in column x of ");
    }

    @ParameterizedTest
    @EnumSource(
            value = ProofLevel.class,
            names = {"COLUMNS", "FULL"})
    void both_levels_compare_what_the_file_says(ProofLevel level) throws IOException {
        table.updateProperties().set("write.parquet.page-row-limit", "100").commit();
        FileGroup group = planned();
        RewriteResult result = sorted(group);
        RowProof proof = new RowProof(table, Attempts.MEMORY);
        assertThat(proof.prove(group, result, level, () -> false).proof().stored())
                .isEqualTo(Map.of("read", 1));
        WrongFiles.firstRow(Path.of(result.outputs().get(0).location()), "id");

        assertThatThrownBy(() -> proof.prove(group, result, level, () -> false))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContaining("the offset index of column id of ");
    }

    @Test
    void a_manifest_that_says_another_length() {
        FileGroup group = planned();
        DataFile file = sorted(group).outputs().get(0);
        DataFile wrong = DataFiles.builder(table.spec())
                .copy(file)
                .withFileSizeInBytes(file.fileSizeInBytes() + 1)
                .build();

        fails(group, List.of(wrong), "and the metadata would say " + wrong.fileSizeInBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void another_length_that_a_store_would_take_from_the_manifest(int more) {
        FileGroup group = planned();
        DataFile file = sorted(group).outputs().get(0);
        DataFile wrong = DataFiles.builder(table.spec())
                .copy(file)
                .withFileSizeInBytes(file.fileSizeInBytes() + more)
                .build();
        table = new BaseTable(new ToldLengths(((BaseTable) table).operations()), table.name());

        fails(group, List.of(wrong), "and the metadata would say " + wrong.fileSizeInBytes());
    }

    @Test
    void pages_of_the_second_version_without_statistics_are_proved() {
        table.updateProperties()
                .set("write.parquet.page-version", "v2")
                .set("write.parquet.stats-enabled.column.text", "false")
                .commit();

        assertThat(FilesProof.compareRows(table, planned(), sorted(planned()).outputs()))
                .isTrue();
        FilesProof.compare(table, planned(), merged(planned()).outputs());
    }

    @Test
    void uuids_whose_bounds_iceberg_adds_up_by_signed_numbers_are_proved() {
        Schema schema = new Schema(Types.NestedField.required(1, "id", Types.UUIDType.get()));
        table = LocalTable.create(
                directory.resolve("uuids"),
                schema,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of(
                        "write.parquet.row-group-size-bytes", "1",
                        "write.parquet.row-group-check-min-record-count", "4",
                        "write.parquet.row-group-check-max-record-count", "4"));
        for (int file = 0; file < 2; file++) {
            List<Record> rows = IntStream.range(0, 16)
                    .mapToObj(i -> {
                        Record row = GenericRecord.create(schema);
                        row.setField("id", new UUID((long) i << 60, i));
                        return row;
                    })
                    .toList();
            table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        }
        FileGroup group = planned();

        assertThat(FilesProof.compareRows(table, group, sorted(group).outputs()))
                .isTrue();
        FilesProof.compare(table, group, merged(group).outputs());
    }

    private RewriteResult merged(FileGroup group) {
        return new PageRewriter(Attempt.of(table, "run", Attempts.MEMORY)).rewrite(group, location -> {}, () -> false);
    }

    /** The file with row ids that are one too large. */
    private static DataFile renumbered(DataFile file) {
        return (DataFile) Proxy.newProxyInstance(
                DataFile.class.getClassLoader(),
                new Class<?>[] {DataFile.class},
                (proxy, method, arguments) ->
                        method.getName().equals("firstRowId") ? file.firstRowId() + 1 : method.invoke(file, arguments));
    }

    private FileGroup planned() {
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 64 << 20));
        return plan.groups().get(0);
    }

    private FileGroup with(FileGroup group, List<GroupInput> inputs) {
        return new FileGroup(
                1,
                group.specId(),
                group.repartition(),
                inputs,
                group.targetFileSizeBytes(),
                1,
                group.notByPage(),
                group.footprint());
    }

    private void delete(Set<Long> positions) {
        DataFile first = planned().inputs().get(0).data();
        table.newRowDelta()
                .addDeletes(new TestFiles(table).vector(first, positions))
                .commit();
    }

    private RewriteResult sorted(FileGroup group) {
        return new RecordRewriter(Attempt.of(table, "run", Attempts.MEMORY))
                .rewrite(group, location -> {}, () -> false);
    }

    private static UnaryOperator<List<Record>> changed(Consumer<List<Record>> change) {
        return rows -> {
            List<Record> other = new ArrayList<>(rows);
            change.accept(other);
            return other;
        };
    }

    private static UnaryOperator<List<Record>> set(int id, Consumer<Record> change) {
        return changed(rows -> {
            assertThat(rows.get(id).getField("id")).isEqualTo((long) id);
            change.accept(rows.get(id));
        });
    }

    private void proves(UnaryOperator<List<Record>> fault) {
        FileGroup group = planned();
        assertThat(FilesProof.compareRows(table, group, broken(group, fault))).isTrue();
    }

    private void fails(UnaryOperator<List<Record>> fault) {
        FileGroup group = planned();
        fails(group, broken(group, fault), "have other hashes");
    }

    private List<DataFile> broken(FileGroup group, UnaryOperator<List<Record>> fault) {
        return new BrokenRewriter(table, fault)
                .rewrite(group, location -> {}, () -> false)
                .outputs();
    }

    private void fails(FileGroup group, List<DataFile> outputs, String why) {
        assertThatThrownBy(() -> FilesProof.compareRows(table, group, outputs))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContaining(why);
    }
}
