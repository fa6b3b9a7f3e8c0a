package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.TestFiles;
import io.sink.pages.BrokenPageException;
import io.sink.testing.FooterDamages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SchemaElement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Footers that say what nobody else says, one witness at a time, and footers that are odd and right. */
class FooterDoubtsTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.IntegerType.get()),
            Types.NestedField.optional(2, "a", Types.IntegerType.get()),
            Types.NestedField.optional(3, "b", Types.IntegerType.get()),
            Types.NestedField.optional(4, "list", Types.ListType.ofOptional(5, Types.LongType.get())));

    @TempDir
    Path directory;

    private Table table;

    @BeforeEach
    void create() {
        table = LocalTable.create(
                directory.resolve("t"),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of("format-version", "2"));
    }

    @Test
    void a_column_whose_values_the_manifest_counts_is_not_missing() throws IOException {
        append(alone(footer -> rename(footer, "a", 77)), entry -> entry);

        refuses("column a (field id 2) is not there, and the manifest counts its values");
    }

    @Test
    void a_column_of_the_schema_that_the_writer_left_is_not_missing() throws IOException {
        append(footer -> rename(footer, "a", 77), FooterDoubtsTest::withoutMetrics);

        refuses("column a (field id 2) of the schema that its writer left in it is not there");
    }

    @Test
    void a_column_is_what_its_writer_left_word_of() throws IOException {
        append(
                footer -> element(footer, "id").setRepetition_type(FieldRepetitionType.OPTIONAL),
                FooterDoubtsTest::withoutMetrics);

        refuses("column id (field id 1) of the schema that its writer left in it is something else");
    }

    @Test
    void a_column_of_the_name_is_not_missing_for_an_id_that_the_table_never_gave() throws IOException {
        append(alone(footer -> element(footer, "a").setField_id(77)), FooterDoubtsTest::withoutMetrics);

        refuses("column a has field id 77, and the table's has 2");
    }

    @Test
    void a_field_does_not_move() throws IOException {
        append(alone(footer -> element(footer, "list").setField_id(77)), FooterDoubtsTest::withoutMetrics);

        refuses("column list.element (field id 5) is not where the table has it");
    }

    @Test
    void an_id_is_there_once() throws IOException {
        append(alone(footer -> element(footer, "b").setField_id(2)), FooterDoubtsTest::withoutMetrics);

        refuses("field id 2 is there twice");
    }

    @Test
    void columns_alike_do_not_change_places() throws IOException {
        append(
                alone(footer -> {
                    element(footer, "a").setField_id(3);
                    element(footer, "b").setField_id(2);
                }),
                entry -> entry);

        refuses("are not what the manifest says");
    }

    @Test
    void a_column_that_has_nulls_has_a_place_for_them() throws IOException {
        append(
                alone(footer -> element(footer, "a").setRepetition_type(FieldRepetitionType.REQUIRED)),
                FooterDoubtsTest::withoutMetrics);

        refuses("nulls in column a, which has no place for them");
    }

    @Test
    void levels_that_were_counted_are_levels_of_the_column() throws IOException {
        append(
                alone(footer -> {
                    element(footer, "list").setRepetition_type(FieldRepetitionType.REQUIRED);
                    assertThat(footer.getRow_groups()
                                    .get(0)
                                    .getColumns()
                                    .get(3)
                                    .getMeta_data()
                                    .isSetSize_statistics())
                            .isTrue();
                }),
                FooterDoubtsTest::withoutMetrics);

        refuses("levels of column list.list.element are counted that its schema does not have");
    }

    @Test
    void a_chunk_stands_in_the_place_of_its_column() throws IOException {
        append(
                alone(footer -> Collections.swap(footer.getRow_groups().get(0).getColumns(), 1, 2)),
                FooterDoubtsTest::withoutMetrics);

        refuses("a chunk of b in the place of a");
    }

    @Test
    void two_chunks_have_no_byte_in_common() throws IOException {
        append(
                alone(footer -> {
                    var columns = footer.getRow_groups().get(0).getColumns();
                    var a = columns.get(1).getMeta_data();
                    var b = columns.get(2).getMeta_data();
                    b.setData_page_offset(a.getData_page_offset());
                    b.setTotal_compressed_size(a.getTotal_compressed_size());
                    if (b.isSetDictionary_page_offset()) {
                        b.setDictionary_page_offset(a.getDictionary_page_offset());
                    }
                }),
                FooterDoubtsTest::withoutMetrics);

        refuses("begins before another ends");
    }

    @Test
    void columns_that_are_really_missing_are_nulls() throws IOException {
        append(footer -> {}, entry -> entry);
        table.updateSchema().addColumn("later", Types.StringType.get()).commit();
        table.updateSchema().renameColumn("b", "renamed").commit();
        table.updateSchema().deleteColumn("a").commit();
        table.updateSchema().addColumn("a", Types.IntegerType.get()).commit();

        compacts();
    }

    @Test
    void a_manifest_may_count_in_a_way_of_its_own() throws IOException {
        append(footer -> {}, entry -> {
            Map<Integer, Long> counts = new HashMap<>(entry.valueCounts());
            counts.put(5, entry.recordCount());
            Map<Integer, Long> sizes = new HashMap<>();
            entry.columnSizes().forEach((id, size) -> sizes.put(id, size + 7));
            return with(entry, new Metrics(entry.recordCount(), sizes, counts, entry.nullValueCounts(), null));
        });

        compacts();
    }

    @Test
    void a_file_of_which_nobody_else_knows_anything_is_taken_at_its_word() throws IOException {
        append(alone(footer -> {}), FooterDoubtsTest::withoutMetrics);

        compacts();
    }

    /** Two files, the first with a changed footer and another entry. */
    private void append(Consumer<FileMetaData> change, UnaryOperator<DataFile> entry) throws IOException {
        for (int file = 0; file < 2; file++) {
            List<Record> rows = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Record row = GenericRecord.create(SCHEMA);
                row.setField("id", i);
                row.setField("a", i % 3 == 0 ? null : i);
                row.setField("b", i % 5 == 0 ? null : 1000 + i % 4);
                row.setField("list", i % 4 == 0 ? null : Collections.nCopies(i % 3, (long) i));
                rows.add(row);
            }
            DataFile written = new TestFiles(table).data(rows, null);
            Path path = Path.of(written.location());
            FooterDamages.makeRoom(path);
            if (file == 0) {
                FooterDamages.change(path, change);
            }
            DataFile roomy = DataFiles.builder(table.spec())
                    .copy(written)
                    .withFileSizeInBytes(Files.size(path))
                    .build();
            table.newAppend().appendFile(file == 0 ? entry.apply(roomy) : roomy).commit();
        }
    }

    /** The change, in a file in which Iceberg left no schema. */
    private static Consumer<FileMetaData> alone(Consumer<FileMetaData> change) {
        return footer -> {
            footer.getKey_value_metadata().removeIf(pair -> pair.getKey().equals("iceberg.schema"));
            change.accept(footer);
        };
    }

    private static SchemaElement element(FileMetaData footer, String name) {
        return footer.getSchema().stream()
                .skip(1)
                .filter(element -> element.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void rename(FileMetaData footer, String name, int id) {
        element(footer, name).setField_id(id).setName("other");
        footer.getRow_groups()
                .forEach(rowGroup -> rowGroup.getColumns().stream()
                        .filter(chunk ->
                                chunk.getMeta_data().getPath_in_schema().get(0).equals(name))
                        .forEach(chunk -> chunk.getMeta_data().setPath_in_schema(List.of("other"))));
    }

    private static DataFile withoutMetrics(DataFile entry) {
        return with(entry, new Metrics(entry.recordCount(), null, null, null, null));
    }

    private static DataFile with(DataFile entry, Metrics metrics) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(entry.location())
                .withFormat(entry.format())
                .withFileSizeInBytes(entry.fileSizeInBytes())
                .withMetrics(metrics)
                .build();
    }

    private void refuses(String why) {
        assertThatThrownBy(() -> Compaction.plan(table, Compaction.policy(1, 2, 1L << 30)))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining(why);
    }

    private void compacts() {
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 1L << 30));
        Compaction.Done done = Compaction.run(table, plan, ChosenRewriter.of(table));
        assertThat(done.proof().rows()).isEqualTo(40);
    }
}
