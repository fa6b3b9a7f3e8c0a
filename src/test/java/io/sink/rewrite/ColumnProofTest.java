package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.action.ProofFailedException;
import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.TestFiles;
import io.sink.pages.BrokenPageException;
import io.sink.pages.Buffers;
import io.sink.pages.SourceFile;
import io.sink.rows.GroupInput;
import io.sink.table.ObjectChecksum;
import io.sink.testing.Attempts;
import io.sink.testing.ToldReads;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.parquet.format.BoundaryOrder;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DecimalType;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors that a rewrite could make, planted one at a time in what was written of three files. */
class ColumnProofTest {
    private static final int ROWS = 12_000;
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "text", Types.StringType.get()),
            Types.NestedField.optional(3, "kind", Types.StringType.get()),
            Types.NestedField.optional(4, "x", Types.DoubleType.get()),
            Types.NestedField.required(
                    5,
                    "pair",
                    Types.StructType.of(
                            Types.NestedField.optional(6, "left", Types.IntegerType.get()),
                            Types.NestedField.optional(7, "right", Types.IntegerType.get()))),
            Types.NestedField.optional(8, "price", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(9, "list", Types.ListType.ofOptional(10, Types.IntegerType.get())),
            Types.NestedField.optional(11, "nothing", Types.StringType.get()));

    @TempDir
    Path directory;

    private Table table;
    private FileGroup group;
    private final Set<String> announced = new HashSet<>();

    @BeforeEach
    void make_a_table() {
        table = created(3);
        group = planned();
    }

    private Table created(int version) {
        Table made = LocalTable.create(
                directory.resolve("t" + version),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of(
                        "format-version",
                        Integer.toString(version),
                        "write.parquet.compression-codec",
                        "uncompressed",
                        "write.parquet.dict-size-bytes",
                        "100"));
        for (int file = 0; file < 3; file++) {
            int first = file * ROWS;
            List<Record> rows = IntStream.range(first, first + ROWS)
                    .mapToObj(ColumnProofTest::row)
                    .toList();
            made.newAppend().appendFile(new TestFiles(made).data(rows, null)).commit();
        }
        return made;
    }

    private FileGroup planned() {
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 64 << 20));
        FileGroup only = plan.groups().get(0);
        assertThat(only.notByPage()).isNull();
        return only;
    }

    private static Record row(int id) {
        Record pair = GenericRecord.create(SCHEMA.findType(5).asStructType());
        pair.setField("left", id % 5 == 0 ? null : id);
        pair.setField("right", id % 7 == 0 ? null : -id);
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", (long) id);
        row.setField("text", "text " + 1_000_000_007L * id);
        // The dictionaries of two files fit in the merged one, whose limit is low, and that of the third does not.
        row.setField("kind", "kind " + id / ROWS + id % 4);
        row.setField("x", id % 11 == 0 ? Double.NaN : id % 13 == 0 ? -0.0 : id / 3.0);
        row.setField("pair", pair);
        row.setField("price", BigDecimal.valueOf(id, 2));
        row.setField("list", id % 4 == 0 ? null : List.of(id, id + 1).subList(0, id % 3));
        return row;
    }

    @Test
    void an_honest_merge_is_proved() {
        prove(merged(group));
    }

    @Test
    void an_honest_merge_without_deleted_rows_is_proved() {
        delete(Set.of(0L, 5L, 11_999L));
        group = planned();

        prove(merged(group));
    }

    @Test
    void bounds_that_stayed_wide_after_deletes_are_no_error() {
        delete(Set.of(0L, 1L, 11_999L));
        group = planned();
        RewriteResult first = merged(group);
        prove(first);
        GroupInput output = new GroupInput(
                DataFiles.builder(table.spec())
                        .copy(first.outputs().get(0))
                        .withFirstRowId(0L)
                        .build(),
                List.of());
        // With dictionaries of other values, and so with pages that are decoded.
        DataFile other = new TestFiles(table)
                .data(
                        IntStream.range(100, 200)
                                .mapToObj(id -> {
                                    Record row = row(id);
                                    row.setField("kind", "other " + id % 2);
                                    return row;
                                })
                                .toList(),
                        null);
        GroupInput second = new GroupInput(
                DataFiles.builder(table.spec())
                        .copy(other)
                        .withFirstRowId(90_000L)
                        .build(),
                List.of());
        group = with(List.of(output, second));

        prove(merged(group));
    }

    @Test
    void lists_that_go_on_in_the_next_page_are_proved_where_rows_are_deleted() {
        table = smallPages(3);
        group = planned();
        delete(Set.of(1L, 2L, 6L, 19L));
        group = planned();

        prove(merged(group));
    }

    @Test
    void a_page_that_is_missing_at_the_end() {
        table = smallPages(2);
        group = planned();
        group = with(group.inputs().subList(0, 1));

        fails(
                new BrokenRewriter(table, rows -> rows.subList(0, rows.size() - 2))
                        .rewrite(group, location -> {}, () -> false),
                "column id has fewer entries than it must have");
    }

    /** A table of two files of twenty rows in pages of three. */
    private Table smallPages(int version) {
        Table made = LocalTable.create(
                directory.resolve("small" + version),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of(
                        "format-version",
                        Integer.toString(version),
                        "write.parquet.page-row-limit",
                        "3",
                        "write.parquet.row-group-check-min-record-count",
                        "1",
                        "write.parquet.row-group-check-max-record-count",
                        "1"));
        for (int file = 0; file < 2; file++) {
            int first = file * 20;
            List<Record> rows = IntStream.range(first, first + 20)
                    .mapToObj(id -> {
                        Record row = row(id);
                        row.setField("list", IntStream.range(0, 7).boxed().toList());
                        return row;
                    })
                    .toList();
            DataFile data = new TestFiles(made).data(rows, null);
            assertThat(pages(data)).isGreaterThan(5);
            made.newAppend().appendFile(data).commit();
        }
        return made;
    }

    /** The number of pages of the first column. */
    private static int pages(DataFile file) {
        InputFile input = org.apache.iceberg.Files.localInput(file.location());
        SourceBytes bytes = SourceBytes.open(input, null, new Buffers(Attempts.MEMORY));
        ColumnChunkMetaData id = bytes.footer().getBlocks().get(0).getColumns().get(0);
        var index = new SourceFile(bytes, bytes.footer()).columnIndex(id);
        return Objects.requireNonNull(index).getNullPages().size();
    }

    @Test
    void a_file_of_no_rows_among_others_is_proved() {
        table.newAppend().appendFile(new TestFiles(table).data(List.of(), null)).commit();
        table.updateSchema().addColumn("flag", Types.BooleanType.get()).commit();
        group = planned();

        prove(merged(group));
    }

    @Test
    void an_honest_rewrite_by_records_is_proved() {
        prove(records(rows -> rows));
    }

    @Test
    void a_value_that_changed_in_a_copied_page() throws IOException {
        fails(written("text", bytes -> bytes.flip(bytes.page(1).end() - 1)), "another value");
    }

    @Test
    void two_pages_that_changed_places() throws IOException {
        fails(
                written("id", bytes -> {
                    byte[] first = bytes.body(0);
                    bytes.put(0, bytes.body(1));
                    bytes.put(1, first);
                }),
                "another value");
    }

    @Test
    void a_page_that_is_there_twice() throws IOException {
        fails(written("id", bytes -> bytes.put(1, bytes.body(0))), "another value");
    }

    @Test
    void a_dictionary_id_that_is_off_by_one() throws IOException {
        fails(written("kind", bytes -> bytes.flip(bytes.page(1).end() - 1)), "column kind ");
    }

    @Test
    void a_value_that_changed_where_it_took_the_place_of_an_id() throws IOException {
        fails(written("kind", bytes -> bytes.flip(bytes.page(2).end() - 1)), "column kind has another value");
    }

    @Test
    void a_value_that_changed_in_a_dictionary() throws IOException {
        fails(written("kind", bytes -> bytes.flip(bytes.dictionaryEnd() - 1)), "column kind has another value");
    }

    @Test
    void a_value_that_changed_in_the_dictionary_of_pages_that_are_all_copied() throws IOException {
        table = LocalTable.create(
                directory.resolve("one"),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of("format-version", "2", "write.parquet.compression-codec", "uncompressed"));
        for (int file = 0; file < 2; file++) {
            List<Record> rows =
                    IntStream.range(0, ROWS).mapToObj(ColumnProofTest::row).toList();
            table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        }
        group = planned();

        fails(written("kind", bytes -> bytes.flip(bytes.dictionaryEnd() - 1)), "column kind has another value");
    }

    @Test
    void the_payload_of_a_nan() throws IOException {
        fails(written("x", bytes -> bytes.flip(bytes.page(0).end() - ROWS * 8)), "column x has another value");
    }

    @Test
    void files_that_changed_places() {
        List<GroupInput> inputs = new ArrayList<>(group.inputs());
        Collections.swap(inputs, 0, 2);

        fails(merged(with(inputs)), "another value");
    }

    @Test
    void a_file_in_the_place_of_another() {
        GroupInput first = group.inputs().get(0);

        fails(merged(with(List.of(first, first, group.inputs().get(2)))), "another value");
    }

    @Test
    void a_deleted_row_that_is_kept_in_the_place_of_another() {
        delete(Set.of(7L));
        group = planned();
        GroupInput first = group.inputs().get(0);
        DeleteFile wrong = new TestFiles(table).vector(first.data(), Set.of(8L));
        List<GroupInput> inputs = new ArrayList<>(group.inputs());
        inputs.set(0, new GroupInput(first.data(), List.of(wrong)));

        fails(merged(with(inputs)), "another value");
    }

    @Test
    void a_deleted_row_that_is_kept() {
        RewriteResult whole = merged(group);
        delete(Set.of(7L));
        group = planned();

        fails(whole, "column id has another value");
    }

    @Test
    void an_element_that_moved_to_the_list_of_the_next_row() {
        fails(
                records(rows -> {
                    assertThat(rows.get(1).getField("list")).isEqualTo(List.of(1));
                    assertThat(rows.get(2).getField("list")).isEqualTo(List.of(2, 3));
                    rows.get(1).setField("list", List.of(1, 2));
                    rows.get(2).setField("list", List.of(3));
                    return rows;
                }),
                "column list.list.element has another list");
    }

    @Test
    void row_ids_that_are_off_by_one() {
        List<GroupInput> inputs = group.inputs().stream()
                .map(input -> new GroupInput(
                        DataFiles.builder(table.spec())
                                .copy(input.data())
                                .withFirstRowId(input.data().firstRowId() + 1)
                                .build(),
                        input.deletes()))
                .toList();

        fails(merged(with(inputs)), "column _row_id has another value");
    }

    @Test
    void a_null_that_became_a_value() {
        fails(
                records(rows -> set(rows, 10, row -> row.get(4, Record.class).setField("left", 0))),
                "column pair.left has a null or a value");
    }

    @Test
    void a_field_of_a_struct_that_is_a_row_late() {
        fails(
                records(rows -> {
                    List<Object> all = new ArrayList<>();
                    rows.forEach(row -> all.add(row.get(4, Record.class).getField("right")));
                    Collections.rotate(all, 1);
                    for (int i = 0; i < all.size(); i++) {
                        rows.get(i).get(4, Record.class).setField("right", all.get(i));
                    }
                    return rows;
                }),
                "column pair.right has ");
    }

    @Test
    void the_sign_of_a_zero() {
        fails(records(rows -> set(rows, 13, row -> row.setField("x", 0.0))), "column x has another value");
    }

    @Test
    void an_empty_list_that_became_a_null() {
        fails(records(rows -> set(rows, 3, row -> row.setField("list", null))), "column list.list.element has ");
    }

    @Test
    void two_rows_that_changed_places() {
        fails(
                records(rows -> {
                    Collections.swap(rows, 100, 200);
                    return rows;
                }),
                "has ");
    }

    @Test
    void a_row_that_is_missing_at_the_end() {
        fails(records(rows -> rows.subList(0, rows.size() - 1)), "has fewer entries than it must have");
    }

    @Test
    void a_row_too_many_at_the_end() {
        fails(
                records(rows -> {
                    List<Record> more = new ArrayList<>(rows);
                    more.add(row(3 * ROWS));
                    return more;
                }),
                "has more entries than it must have");
    }

    @Test
    void a_row_group_that_says_another_number_of_rows() throws IOException {
        fails(changed(footer -> footer.getRow_groups().get(0).setNum_rows(3 * ROWS - 1)), " rows in ");
    }

    @Test
    void a_column_that_the_table_has_with_another_type() throws IOException {
        fails(
                changed(footer -> footer.getSchema().stream()
                        .filter(element -> element.getName().equals("price"))
                        .forEach(element ->
                                element.setScale(1).setLogicalType(LogicalType.DECIMAL(new DecimalType(1, 9))))),
                " is not that of the table");
    }

    @Test
    void a_least_value_that_is_too_large() throws IOException {
        fails(
                footer("id", chunk -> chunk.getStatistics().setMin_value(number(1))),
                "has values from 0 to 35999, and its footer says 1 to 35999");
    }

    @Test
    void a_largest_value_that_no_row_has() throws IOException {
        fails(
                footer("id", chunk -> chunk.getStatistics().setMax_value(number(40_000))),
                "has values from 0 to 35999, and its footer says 0 to 40000");
    }

    @Test
    void a_count_of_nulls() throws IOException {
        fails(
                footer("pair.right", chunk -> chunk.getStatistics().setNull_count(5142)),
                "nulls, and its footer counts 5142",
                "has 5143 nulls");
    }

    @Test
    void an_offset_index_that_is_of_other_pages() throws IOException {
        RewriteResult result = merged(group);
        WrongFiles.firstRow(file(result), "id");

        fails(result, "the offset index of column id of ");
    }

    @Test
    void an_offset_index_of_a_list_that_is_of_other_rows() throws IOException {
        table = smallPages(2);
        group = planned();
        RewriteResult result = merged(group);
        WrongFiles.firstRow(file(result), "list.list.element");

        fails(result, "the offset index of column list.list.element of ");
    }

    @Test
    void counts_in_the_header_of_a_page_of_the_second_version() throws IOException {
        table.updateProperties().set("write.parquet.page-version", "v2").commit();
        for (String column : List.of("pair.right", "list.list.element")) {
            fails(
                    writtenPages(
                            column,
                            bytes -> bytes.header(
                                    0,
                                    header -> header.getData_page_header_v2()
                                            .setNum_nulls(header.getData_page_header_v2()
                                                            .getNum_nulls()
                                                    + 1))),
                    "page 0 of column " + column + " of ",
                    " has other numbers of rows or nulls than its header");
            fails(
                    writtenPages(
                            column,
                            bytes -> bytes.header(
                                    0,
                                    header -> header.getData_page_header_v2()
                                            .setNum_rows(header.getData_page_header_v2()
                                                            .getNum_rows()
                                                    - 1))),
                    "page 0 of column " + column + " of ",
                    " has other numbers of rows or nulls than its header");
        }
    }

    @Test
    void bounds_of_a_page_that_are_too_narrow() throws IOException {
        fails(
                index("id", index -> {
                    index.getMin_values().get(1).putLong(0, Long.reverseBytes(ROWS + 5L));
                    return index;
                }),
                "page 1 of column id of ",
                "its column index says something else");
    }

    @Test
    void bounds_of_pages_that_are_in_another_order() throws IOException {
        fails(
                index("id", index -> {
                    index.setBoundary_order(BoundaryOrder.DESCENDING);
                    return index;
                }),
                "the bounds of pages of column id of ",
                " are not in the order that its column index says");
    }

    @Test
    void encodings_that_pages_do_not_have() throws IOException {
        fails(
                footer(
                        "id",
                        chunk ->
                                chunk.getEncoding_stats().forEach(stats -> stats.setEncoding(Encoding.RLE_DICTIONARY))),
                "the pages of column id of ",
                " have the encodings [PLAIN], and its footer says ");
    }

    @Test
    void a_page_with_the_checksum_of_another() throws IOException {
        fails(
                writtenPages("id", bytes -> bytes.header(1, header -> header.setCrc(header.getCrc() ^ 1))),
                "a page of column id of ",
                " does not have its checksum");
    }

    @Test
    void nulls_of_a_page_that_were_not_counted() throws IOException {
        fails(
                index("pair.right", index -> {
                    index.getNull_counts().set(0, index.getNull_counts().get(0) - 1);
                    return index;
                }),
                "page 0 of column pair.right of ",
                "its column index says something else");
    }

    @Test
    void a_page_of_values_that_should_be_of_nulls() throws IOException {
        fails(
                index("kind", index -> {
                    index.getNull_pages().set(0, true);
                    return index;
                }),
                "page 0 of column kind of ",
                "its column index says something else");
    }

    @Test
    void a_page_of_nulls_that_should_be_of_values() throws IOException {
        fails(
                index("nothing", index -> {
                    index.getNull_pages().set(0, false);
                    return index;
                }),
                "page 0 of column nothing of ",
                "its column index says something else");
    }

    @Test
    void a_value_of_a_copied_page_that_is_not_in_the_bloom_filter() throws IOException {
        table.updateProperties()
                .set("write.parquet.bloom-filter-enabled.column.text", "true")
                .set("write.parquet.bloom-filter-max-bytes", "64")
                .commit();
        group = with(group.inputs().subList(0, 1));
        // Pages of another writer have other headers.
        DataFile ours = merged(group).outputs().get(0);
        group = with(List.of(new GroupInput(
                DataFiles.builder(table.spec()).copy(ours).withFirstRowId(0L).build(), List.of())));
        RewriteResult result = merged(group);
        prove(result);
        for (int bit = 1; bit < 30; bit++) {
            int back = bit;
            WrongFiles.flip(
                    file(result),
                    chunk -> chunk.getBloomFilterOffset() > 0
                            ? chunk.getBloomFilterOffset() + chunk.getBloomFilterLength() - back
                            : -1);
        }

        fails(result, "a value of column text of ", " is not in its Bloom filter");
    }

    @Test
    void a_value_that_is_not_in_the_bloom_filter() throws IOException {
        table.updateProperties()
                .set("write.parquet.bloom-filter-enabled.column.text", "true")
                .set("write.parquet.bloom-filter-max-bytes", "8192")
                .commit();
        RewriteResult result = merged(group);
        prove(result);
        WrongFiles.flip(
                file(result), chunk -> chunk.getBloomFilterOffset() > 0 ? chunk.getBloomFilterOffset() + 4000 : -1);

        fails(result, "a value of column text of ", " is not in its Bloom filter");
    }

    @Test
    void bytes_that_storage_changed_after_they_were_compared() {
        failsWhenStored(
                chunk -> chunk.getStartingPos() + chunk.getTotalSize() - 1,
                " does not have the bytes that were compared");
    }

    @Test
    void a_column_index_that_storage_changed_after_it_was_compared() {
        failsWhenStored(
                chunk -> chunk.getColumnIndexReference() == null
                        ? -1
                        : chunk.getColumnIndexReference().getOffset() + 12,
                "the column index of ");
    }

    @Test
    void an_offset_index_that_storage_changed_after_it_was_compared() {
        failsWhenStored(chunk -> chunk.getOffsetIndexReference().getOffset() + 6, "the offset index of ");
    }

    @Test
    void a_bloom_filter_that_storage_changed_after_it_was_compared() {
        table.updateProperties()
                .set("write.parquet.bloom-filter-enabled.column.text", "true")
                .set("write.parquet.bloom-filter-max-bytes", "8192")
                .commit();
        failsWhenStored(
                chunk -> chunk.getBloomFilterOffset() > 0 ? chunk.getBloomFilterOffset() + 4000 : -1,
                "the Bloom filter of ");
    }

    private static Stream<Arguments> footers() {
        return Stream.of(
                footer(
                        "rows of the row group",
                        " rows in column id of ",
                        (rowGroup, id, kind) -> rowGroup.setNum_rows(7)),
                footer(
                        "bounds",
                        "the footer has other statistics of column id of ",
                        (rowGroup, id, kind) -> id.getStatistics().setMin_value(number(1))),
                footer(
                        "nulls",
                        "the footer has other statistics of column id of ",
                        (rowGroup, id, kind) -> id.getStatistics().setNull_count(1)),
                footer(
                        "entries",
                        "the footer says another number of entries of column id of ",
                        (rowGroup, id, kind) -> id.setNum_values(7)),
                footer(
                        "bytes",
                        "the footer says another number of bytes of column id of ",
                        (rowGroup, id, kind) -> id.setTotal_compressed_size(id.getTotal_compressed_size() - 1)),
                footer(
                        "codec",
                        "the footer says another codec of column id of ",
                        (rowGroup, id, kind) -> id.setCodec(CompressionCodec.SNAPPY)),
                footer(
                        "encodings",
                        "the footer says another set of encodings of column id of ",
                        (rowGroup, id, kind) -> id.setEncodings(List.of(Encoding.RLE_DICTIONARY))),
                footer(
                        "page encodings",
                        "the footer says another set of page encodings of column id of ",
                        (rowGroup, id, kind) ->
                                id.getEncoding_stats().forEach(stats -> stats.setEncoding(Encoding.RLE_DICTIONARY))),
                footer(
                        "first data page",
                        "the footer says another first data page of column kind of ",
                        (rowGroup, id, kind) -> kind.setData_page_offset(kind.getData_page_offset() + 1)),
                footer(
                        "no dictionary",
                        "the footer says another first data page of column kind of ",
                        (rowGroup, id, kind) -> kind.unsetDictionary_page_offset()),
                footer("place", " is not where its footer says", (rowGroup, id, kind) -> {
                    id.setData_page_offset(id.getData_page_offset() + 100);
                    rowGroup.getColumns().get(0).unsetOffset_index_offset();
                    rowGroup.getColumns().get(0).unsetOffset_index_length();
                }),
                footer(
                        "place beyond the file",
                        "what was written cannot be read",
                        (rowGroup, id, kind) -> id.setData_page_offset(id.getData_page_offset() + 4_000_000)),
                footer(
                        "order of columns",
                        "no chunk of column id in its place",
                        (rowGroup, id, kind) -> Collections.swap(rowGroup.getColumns(), 0, 2)),
                footer(
                        "columns",
                        "no chunk of column _last_updated_sequence_number in its place",
                        (rowGroup, id, kind) -> rowGroup.getColumns()
                                .remove(rowGroup.getColumns().size() - 1)));
    }

    private interface Footer {
        void change(RowGroup rowGroup, ColumnMetaData id, ColumnMetaData kind);
    }

    private static Arguments footer(String what, String why, Footer change) {
        return Arguments.of(what, why, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("footers")
    void a_footer_that_says_something_else_than_was_compared(String what, String why, Footer change) {
        failsWhenRead(
                file -> WrongFiles.footer(file, footer -> {
                    RowGroup rowGroup = footer.getRow_groups().get(0);
                    change.change(
                            rowGroup,
                            rowGroup.getColumns().get(0).getMeta_data(),
                            rowGroup.getColumns().get(2).getMeta_data());
                }),
                why);
    }

    @Test
    void a_row_group_that_the_footer_does_not_have() {
        failsWhenRead(
                file -> WrongFiles.footer(file, footer -> footer.getRow_groups().clear()),
                "0 row groups in the footer of ");
    }

    @Test
    void a_file_that_has_another_length_than_the_metadata_would_say() {
        DataFile file = merged(group).outputs().get(0);
        DataFile longer = DataFiles.builder(table.spec())
                .copy(file)
                .withFileSizeInBytes(file.fileSizeInBytes() + 1)
                .build();

        assertThatThrownBy(() -> FilesProof.compare(table, group, List.of(longer)))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContaining("and the metadata would say " + longer.fileSizeInBytes());
    }

    private static Stream<Arguments> manifests() {
        return Stream.of(
                manifest(
                        "id",
                        "has values from 0 to 35999, and its manifest would say 1 to 35999",
                        bounds(1, "id", 1L, 35_999L)),
                manifest(
                        "id",
                        "has values from 0 to 35999, and its manifest would say 0 to 35998",
                        bounds(1, "id", 0L, 35_998L)),
                manifest("text", "its manifest would say ", bounds(2, "text", "text 2", "u")),
                manifest(
                        "price",
                        "its manifest would say 1 to 35999",
                        bounds(6, "price", new BigDecimal("0.01"), new BigDecimal("359.99"))),
                manifest("x", "its manifest would say ", bounds(4, "x", 0.5, 12_000.0)),
                manifest("left", "its manifest would say ", bounds(9, "pair.left", 2, 35_999)),
                manifest(
                        "id",
                        "36000 entries in column id of ",
                        of -> new Metrics(
                                of.recordCount(), null, Map.of(1, 35_999L), of.nullValueCounts(), null, null, null)),
                manifest(
                        "x",
                        " NaN values in column x of ",
                        of -> new Metrics(
                                of.recordCount(),
                                null,
                                of.valueCounts(),
                                of.nullValueCounts(),
                                Map.of(4, 1L),
                                null,
                                null)),
                manifest(
                        "left",
                        "7200 nulls in column pair.left of ",
                        of -> new Metrics(
                                of.recordCount(), null, of.valueCounts(), Map.of(9, 7_199L), null, null, null)));
    }

    private static Arguments manifest(String column, String why, UnaryOperator<Metrics> change) {
        return Arguments.of(column + ": " + why, why, change);
    }

    /** @param id the id of the field in the table, which gives its fields ids of its own */
    private static UnaryOperator<Metrics> bounds(int id, String name, Object lower, Object upper) {
        Type type = SCHEMA.findType(name);
        return of -> new Metrics(
                of.recordCount(),
                null,
                of.valueCounts(),
                of.nullValueCounts(),
                null,
                Map.of(id, Conversions.toByteBuffer(type, lower)),
                Map.of(id, Conversions.toByteBuffer(type, upper)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("manifests")
    void a_manifest_that_says_something_else(String name, String why, UnaryOperator<Metrics> change) {
        DataFile wrong = WrongFiles.manifest(table, merged(group).outputs().get(0), change);

        assertThatThrownBy(() -> FilesProof.compare(table, group, List.of(wrong)))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContaining(why);
    }

    @Test
    void an_input_whose_bytes_are_those_of_another_file() {
        List<GroupInput> inputs = group.inputs();
        InputFile second = table.io().newInputFile(inputs.get(1).data());
        Buffers buffers = new Buffers(Attempts.MEMORY);
        try (ColumnProof proof = new ColumnProof(table, new FileSchemas(table), () -> false);
                SourceBytes bytes = SourceBytes.open(second, null, buffers)) {
            SourceFile file = new SourceFile(bytes, bytes.footer());
            assertThatThrownBy(() -> proof.input(inputs.get(0), bytes, file, null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            " in the place of " + inputs.get(0).data().location());
        }
    }

    @Test
    void a_file_that_is_missing_at_the_end() {
        List<GroupInput> inputs = group.inputs();

        fails(merged(with(inputs.subList(0, 2))), "column id has fewer entries than it must have");
    }

    @Test
    void a_file_that_was_written_and_is_not_in_the_result() {
        RewriteResult result = merged(group);
        RewriteResult less = new RewriteResult(List.of(), 0, 0, Map.of());

        assertThatThrownBy(() -> FilesProof.compare(table, group, result.outputs(), less.outputs()))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContaining("and those of the result []");
    }

    @Test
    void a_zero_that_is_a_bound_is_no_error_whatever_its_sign() {
        for (double zero : new double[] {0.0, -0.0}) {
            table = LocalTable.create(
                    directory.resolve("zero" + zero),
                    SCHEMA,
                    PartitionSpec.unpartitioned(),
                    SortOrder.unsorted(),
                    Map.of("format-version", "2", "write.parquet.page-version", "v2"));
            for (int file = 0; file < 2; file++) {
                Record row = row(1);
                row.setField("x", zero);
                table.newAppend()
                        .appendFile(new TestFiles(table).data(List.of(row, row), null))
                        .commit();
            }
            group = planned();

            RewriteResult result = new PageRewriter(
                            Attempt.of(table, "run", Attempts.MEMORY).proving(ProofLevel.COLUMNS))
                    .rewrite(group, location -> {}, () -> false);
            assertThat(result.stored()).isNotNull();
        }
    }

    @Test
    void a_merge_is_compared_while_it_writes() {
        RewriteResult result = new PageRewriter(
                        Attempt.of(table, "run", Attempts.MEMORY).proving(ProofLevel.COLUMNS))
                .rewrite(group, location -> {}, () -> false);

        assertThat(result.stored()).isEqualTo(Map.of("read", 1));
        assertThat(merged(group).stored()).isNull();
    }

    /** As a flipped bit in a footer does it: the levels have one bit less, or none. */
    @ParameterizedTest
    @ValueSource(strings = {"list", "price"})
    void a_source_whose_levels_are_those_of_another_schema_is_named(String column) throws IOException {
        neverNull(source(), column);

        merges(BrokenPageException.class, source().toString());
    }

    @Test
    void a_source_with_deleted_rows_whose_levels_are_those_of_another_schema_is_named() throws IOException {
        delete(Set.of(1L));
        group = planned();
        Path source = Path.of(group.inputs().get(0).data().location());
        neverNull(source, "list");

        merges(BrokenPageException.class, source.toString());
    }

    private static void neverNull(Path file, String column) throws IOException {
        WrongFiles.footer(
                file,
                footer -> footer.getSchema().stream()
                        .filter(element -> element.getName().equals(column)
                                && element.getRepetition_type() == FieldRepetitionType.OPTIONAL)
                        .forEach(element -> element.setRepetition_type(FieldRepetitionType.REQUIRED)));
    }

    @Test
    void a_source_whose_schema_cannot_be_taken_apart_is_named() throws IOException {
        Path source = source();
        WrongFiles.footer(
                source,
                footer -> footer.getSchema().stream()
                        .filter(element -> element.getRepetition_type() == FieldRepetitionType.REPEATED)
                        .forEach(element -> element.setRepetition_type(FieldRepetitionType.REQUIRED)));

        assertThatThrownBy(() -> Compaction.plan(table, Compaction.policy(1, 2, 64 << 20)))
                .isInstanceOf(BrokenPageException.class)
                .hasMessageContaining("The schema of " + source + " cannot be read");
    }

    @Test
    void a_source_that_says_something_else_of_its_values_is_named() throws IOException {
        Path source = source();
        WrongFiles.footer(
                source,
                footer -> footer.getRow_groups()
                        .forEach(rowGroup -> rowGroup.getColumns().stream()
                                .map(ColumnChunk::getMeta_data)
                                .filter(chunk -> chunk.getPath_in_schema().equals(List.of("pair", "left")))
                                .forEach(chunk -> chunk.getStatistics().setMax_value(new byte[4]))));

        merges(BrokenPageException.class, "what the file says of its values is not so: column pair.left of " + source);
    }

    private Path source() {
        return Path.of(group.dataFiles().get(1).location());
    }

    private void merges(Class<? extends Throwable> failure, String why) {
        assertThatThrownBy(() -> new PageRewriter(
                                Attempt.of(table, "run", Attempts.MEMORY).proving(ProofLevel.COLUMNS))
                        .rewrite(group, location -> {}, () -> false))
                .isInstanceOf(failure)
                .hasMessageContaining(why);
    }

    @Test
    void a_file_of_which_storage_has_the_checksum_is_not_read_to_the_end() {
        Table keeping = ToldReads.withChecksum(table, this::spoilt, new Answer("SUM"));

        RewriteResult result = new PageRewriter(
                        Attempt.of(keeping, "run", Attempts.MEMORY).proving(ProofLevel.COLUMNS))
                .rewrite(group, announced::add, () -> false);

        assertThat(result.stored()).isEqualTo(Map.of("SUM", 1));
        assertThat(announced).isEmpty();
    }

    @Test
    void a_file_of_which_storage_has_no_checksum_that_is_equal_is_read_to_the_end() {
        Table other = ToldReads.withChecksum(table, this::spoilt, new Answer(null));

        assertThatThrownBy(() -> new PageRewriter(
                                Attempt.of(other, "run", Attempts.MEMORY).proving(ProofLevel.COLUMNS))
                        .rewrite(group, announced::add, () -> false))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContaining(" does not have the bytes that were compared");
    }

    /** Changes the last byte of the chunks of a file that was announced, and no longer counts it as such. */
    private void spoilt(String location) {
        if (announced.remove(location)) {
            try {
                WrongFiles.flip(Path.of(location), chunk -> chunk.getStartingPos() + chunk.getTotalSize() - 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What storage says of whatever was written. */
    private record Answer(@Nullable String held) implements ObjectChecksum {
        @Override
        public void update(byte[] bytes, int from, int count) {}
    }

    /** A merge that is proved, of which storage changes a byte before the files are read back. */
    private void failsWhenStored(ToLongFunction<ColumnChunkMetaData> position, String why) {
        failsWhenRead(file -> WrongFiles.flip(file, position), why);
    }

    /** A change of a file. */
    private interface Change {
        void of(Path file) throws IOException;
    }

    /** A merge that is proved, of which the file is changed before it is read back. */
    private void failsWhenRead(Change change, String why) {
        Table changing = ToldReads.of(table, location -> {
            if (announced.remove(location)) {
                try {
                    change.of(Path.of(location));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        assertThatThrownBy(() -> new PageRewriter(
                                Attempt.of(changing, "run", Attempts.MEMORY).proving(ProofLevel.COLUMNS))
                        .rewrite(group, announced::add, () -> false))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContaining(why);
        assertThat(announced).isEmpty();
    }

    private static byte[] read(Path file) throws IOException {
        return Files.readAllBytes(file);
    }

    /** A merge, of which the column index of one column was changed. */
    private RewriteResult index(String column, UnaryOperator<ColumnIndex> change) throws IOException {
        RewriteResult result = merged(group);
        Path file = file(result);
        byte[] whole = Files.readAllBytes(file);
        var chunk =
                ParquetFooter.read(table.io().newInputFile(file.toString())).getBlocks().get(0).getColumns().stream()
                        .filter(one -> one.getPath().toDotString().equals(column))
                        .findFirst()
                        .orElseThrow();
        int at = (int) chunk.getColumnIndexReference().getOffset();
        int length = chunk.getColumnIndexReference().getLength();
        ColumnIndex index = change.apply(Util.readColumnIndex(new ByteArrayInputStream(whole, at, length)));
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        Util.writeColumnIndex(index, changed);
        assertThat(changed.size()).isEqualTo(length);
        System.arraycopy(changed.toByteArray(), 0, whole, at, length);
        Files.write(file, whole);
        return result;
    }

    private static List<Record> set(List<Record> rows, int id, Consumer<Record> change) {
        change.accept(rows.get(id));
        return rows;
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private FileGroup with(List<GroupInput> inputs) {
        return new FileGroup(1, group.specId(), false, inputs, group.targetFileSizeBytes(), 1, null, group.footprint());
    }

    private void delete(Set<Long> positions) {
        DataFile first = group.inputs().get(0).data();
        table.newRowDelta()
                .addDeletes(new TestFiles(table).vector(first, positions))
                .commit();
    }

    private RewriteResult merged(FileGroup files) {
        return new PageRewriter(Attempt.of(table, "run", Attempts.MEMORY)).rewrite(files, location -> {}, () -> false);
    }

    /** A rewrite of a table without lineage, which the test's writer does not write. */
    private RewriteResult records(UnaryOperator<List<Record>> fault) {
        table = created(2);
        group = planned();
        return new BrokenRewriter(table, fault).rewrite(group, location -> {}, () -> false);
    }

    private void prove(RewriteResult result) {
        FilesProof.compare(table, group, result.outputs());
    }

    private void fails(RewriteResult result, String... why) {
        assertThatThrownBy(() -> prove(result))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageContainingAll(why);
    }

    private static Path file(RewriteResult result) {
        assertThat(result.outputs()).hasSize(1);
        return Path.of(result.outputs().get(0).location());
    }

    private RewriteResult footer(String column, Consumer<ColumnMetaData> change) throws IOException {
        return changed(footer -> footer.getRow_groups().get(0).getColumns().stream()
                .filter(chunk -> String.join(".", chunk.getMeta_data().getPath_in_schema())
                        .equals(column))
                .forEach(chunk -> change.accept(chunk.getMeta_data())));
    }

    /** A merge, of which the footer was changed. */
    private RewriteResult changed(Consumer<FileMetaData> change) throws IOException {
        RewriteResult result = merged(group);
        WrongFiles.footer(file(result), change);
        return result;
    }

    private RewriteResult written(String column, Consumer<Bytes> change) throws IOException {
        return writtenPages(column, change::accept);
    }

    /** A change of bytes. */
    private interface BytesChange {
        void of(Bytes bytes) throws IOException;
    }

    /** A merge, of which the bytes of one column were changed. */
    private RewriteResult writtenPages(String column, BytesChange change) throws IOException {
        RewriteResult result = merged(group);
        Path file = file(result);
        Bytes bytes = new Bytes(Files.readAllBytes(file));
        var chunk =
                ParquetFooter.read(table.io().newInputFile(file.toString())).getBlocks().get(0).getColumns().stream()
                        .filter(one -> one.getPath().toDotString().equals(column))
                        .findFirst()
                        .orElseThrow();
        bytes.find((int) chunk.getStartingPos(), (int) (chunk.getStartingPos() + chunk.getTotalSize()));
        change.of(bytes);
        Files.write(file, bytes.whole);
        return result;
    }

    private record At(int start, int body, int end) {}

    /** The bytes of a file, and where the pages of a chunk are. */
    private static final class Bytes {
        private final byte[] whole;
        private final List<At> pages = new ArrayList<>();
        private int dictionaryEnd;

        Bytes(byte[] whole) {
            this.whole = whole;
        }

        void find(int from, int until) throws IOException {
            int at = from;
            while (at < until) {
                ByteArrayInputStream in = new ByteArrayInputStream(whole, at, until - at);
                int start = at;
                PageHeader header = Util.readPageHeader(in);
                int body = until - in.available();
                at = body + header.getCompressed_page_size();
                if (header.getType() == PageType.DICTIONARY_PAGE) {
                    dictionaryEnd = at;
                } else {
                    pages.add(new At(start, body, at));
                }
            }
        }

        At page(int number) {
            return pages.get(number);
        }

        int dictionaryEnd() {
            return dictionaryEnd;
        }

        byte[] body(int number) {
            return java.util.Arrays.copyOfRange(
                    whole, page(number).body(), page(number).end());
        }

        void put(int number, byte[] body) {
            assertThat(body).hasSize(page(number).end() - page(number).body());
            System.arraycopy(body, 0, whole, page(number).body(), body.length);
        }

        /** Changes the header of a page, which must keep its length. */
        void header(int number, Consumer<PageHeader> change) throws IOException {
            At at = page(number);
            PageHeader header =
                    Util.readPageHeader(new ByteArrayInputStream(whole, at.start(), at.body() - at.start()));
            change.accept(header);
            ByteArrayOutputStream changed = new ByteArrayOutputStream();
            Util.writePageHeader(header, changed);
            assertThat(changed.size()).isEqualTo(at.body() - at.start());
            System.arraycopy(changed.toByteArray(), 0, whole, at.start(), changed.size());
        }

        void flip(int at) {
            whole[at] ^= 1;
        }
    }
}
