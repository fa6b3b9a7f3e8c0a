package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A field id that is wrong in one file makes other rows without an error, and deletes that delete nothing. */
class WrongFieldIdsTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "text", Types.StringType.get()),
            Types.NestedField.optional(3, "w", Types.IntegerType.get()),
            Types.NestedField.optional(4, "x", Types.IntegerType.get()));

    @TempDir
    Path directory;

    private enum Wrong {
        /** Of a column that the table does not have. */
        MISSING,
        /** Two columns have each other's. */
        SWAPPED,
        /** Two columns have the same. */
        TWICE;

        private int of(int id) {
            return switch (this) {
                case MISSING -> id == 3 ? 7 : id;
                case SWAPPED -> id == 3 ? 4 : id == 4 ? 3 : id;
                case TWICE -> id == 3 ? 4 : id;
            };
        }
    }

    static Stream<Arguments> every() {
        return Stream.of(FileFormat.AVRO, FileFormat.ORC, FileFormat.PARQUET)
                .flatMap(format -> Stream.of(Wrong.values()).map(wrong -> Arguments.of(format, wrong)));
    }

    @ParameterizedTest
    @MethodSource("every")
    void a_data_file_with_wrong_ids_is_not_rewritten(FileFormat format, Wrong wrong) throws IOException {
        Table table = table();
        DataFile damaged = append(table, format, 0);
        append(table, format, 10);
        spoil(damaged, wrong);

        assertRefused(table, damaged);
    }

    @ParameterizedTest
    @EnumSource(
            value = FileFormat.class,
            names = {"AVRO", "ORC"})
    void a_column_without_an_id_is_not_missing(FileFormat format) throws IOException {
        Table table = table();
        DataFile file = file(table, format, 0);
        DataFile uncounted = DataFiles.builder(table.spec())
                .copy(file)
                .withMetrics(new Metrics(file.recordCount()))
                .build();
        table.newAppend().appendFile(uncounted).commit();
        append(table, format, 10);
        Path path = Path.of(file.location());
        String whole = Files.readString(path, StandardCharsets.ISO_8859_1);
        String spoilt = whole.replace("\"field-id\":3", "\"field-no\":3")
                .replace("iceberg.id\u0012\u00013", "iceberg.no\u0012\u00013")
                .replace("iceberg.schema", "another.schema");
        assertThat(spoilt).isNotEqualTo(whole);
        Files.writeString(path, spoilt, StandardCharsets.ISO_8859_1);

        ActionResult result = assertRefused(table, file);

        assertThat(result.detail()).contains("column w has no field id, and the table's has 3");
    }

    @ParameterizedTest
    @MethodSource("every")
    void deletes_with_wrong_ids_are_not_applied(FileFormat format, Wrong wrong) throws IOException {
        Table table = table();
        append(table, format, 0);
        append(table, format, 10);
        spoil(delete(table, format, 3), wrong);

        assertRefused(table, null);
    }

    @ParameterizedTest
    @EnumSource(
            value = FileFormat.class,
            names = {"AVRO", "ORC", "PARQUET"})
    void columns_that_were_renamed_are_known(FileFormat format) {
        Table table = table();
        append(table, format, 0);
        table.updateSchema().renameColumn("w", "tmp").commit();
        table.updateSchema().renameColumn("x", "w").renameColumn("tmp", "x").commit();
        append(table, format, 10);
        delete(table, format, 13);
        append(table, format, 20);

        ActionResult result = Compacting.small().execute(((BaseTable) table).operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(LocalTable.rows(table)).hasSize(29);
    }

    @Test
    void names_of_which_not_all_are_known_say_nothing() {
        Table table = table();
        append(table, FileFormat.ORC, 0);
        append(table, FileFormat.ORC, 10);
        table.updateSchema().renameColumn("w", "tmp").commit();
        table.updateSchema().renameColumn("x", "w").renameColumn("tmp", "x").commit();
        table.newFastAppend().commit();
        table.expireSnapshots()
                .cleanExpiredMetadata(true)
                .expireOlderThan(System.currentTimeMillis())
                .commit();
        assertThat(table.schemas()).hasSize(1);

        ActionResult result = Compacting.small().execute(((BaseTable) table).operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
    }

    private ActionResult assertRefused(Table table, @Nullable DataFile named) {
        List<String> before = paths(table);

        ActionResult result = Compacting.small().execute(((BaseTable) table).operations());

        assertThat(result.outcome().code()).as(result.toString()).isEqualTo("failed");
        if (named != null) {
            assertThat(result.detail()).contains(named.location());
        }
        assertThat(paths(table)).isEqualTo(before);
        return result;
    }

    private Table table() {
        return LocalTable.create(
                directory.resolve("t" + System.nanoTime()),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of("format-version", "2", "write.orc.compression-codec", "none"));
    }

    private static DataFile append(Table table, FileFormat format, int from) {
        DataFile file = file(table, format, from);
        table.newAppend().appendFile(file).commit();
        return file;
    }

    private static DataFile file(Table table, FileFormat format, int from) {
        List<Record> rows = IntStream.range(from, from + 10)
                .mapToObj(id -> {
                    Record row = GenericRecord.create(table.schema());
                    row.setField("id", (long) id);
                    row.setField("text", "text " + id);
                    row.setField("w", id);
                    row.setField("x", 100 + id);
                    return row;
                })
                .toList();
        return new TestFiles(table, () -> format).data(rows, null);
    }

    private static DeleteFile delete(Table table, FileFormat format, int id) {
        Schema key = table.schema().select("w", "x");
        Record row = GenericRecord.create(key);
        row.setField("w", id);
        row.setField("x", 100 + id);
        DeleteFile deletes = new TestFiles(table, () -> format).equalityDeletes(List.of(row), key, table.spec(), null);
        table.newRowDelta().addDeletes(deletes).commit();
        return deletes;
    }

    private static List<String> paths(Table table) {
        table.refresh();
        List<String> paths = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                paths.add(task.file().location());
                task.deletes().forEach(delete -> paths.add(delete.location()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        paths.sort(null);
        return paths;
    }

    private static void spoil(ContentFile<?> file, Wrong wrong) throws IOException {
        Path path = Path.of(file.location());
        byte[] whole = Files.readAllBytes(path);
        byte[] spoilt = switch (file.format()) {
            case AVRO -> spoilt(whole, "\"field-id\":", wrong);
            case ORC -> spoilt(whole, "iceberg.id\u0012\u0001", wrong);
            default -> footer(whole, wrong);
        };
        assertThat(spoilt).isNotEqualTo(whole).hasSameSizeAs(whole);
        Files.write(path, spoilt);
    }

    /** Ids of one digit behind a text. */
    private static byte[] spoilt(byte[] whole, String before, Wrong wrong) {
        StringBuilder text = new StringBuilder(new String(whole, StandardCharsets.ISO_8859_1));
        for (int at = text.indexOf(before); at >= 0; at = text.indexOf(before, at + 1)) {
            int digit = at + before.length();
            int id = Character.digit(text.charAt(digit), 10);
            text.setCharAt(digit, Character.forDigit(wrong.of(id), 10));
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] footer(byte[] whole, Wrong wrong) throws IOException {
        int end = whole.length - 8;
        int length = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(end);
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(whole, end - length, length));
        for (SchemaElement element : footer.getSchema()) {
            if (element.isSetField_id()) {
                element.setField_id(wrong.of(element.getField_id()));
            }
        }
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Util.writeFileMetaData(footer, written);
        byte[] spoilt = whole.clone();
        System.arraycopy(written.toByteArray(), 0, spoilt, end - length, length);
        return spoilt;
    }
}
