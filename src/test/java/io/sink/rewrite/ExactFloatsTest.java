package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ExampleRows;
import io.sink.testing.ForeignFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that are not a number have bits too, and merged pages and records keep them. */
class ExactFloatsTest {
    private static final MessageType SCHEMA =
            MessageTypeParser.parseMessageType("message m { required int64 id; required float f; required double d; }");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"v1, true", "v1, false", "v2, true", "v2, false"})
    void every_nan_keeps_its_bits(String version, boolean dictionary) throws IOException {
        Path file = file();
        BaseTable table = table(file, version, dictionary);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains("page-merge");
        assertThat(written(table)).containsExactlyInAnyOrderElementsOf(thrice(file));
    }

    @ParameterizedTest
    @CsvSource({"v1, true", "v1, false", "v2, true", "v2, false"})
    void every_nan_of_a_sorted_table_keeps_its_bits(String version, boolean dictionary) throws IOException {
        Path file = file();
        BaseTable table = table(file, version, dictionary);
        table.replaceSortOrder().desc("id").commit();

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains("rewriter record");
        assertThat(written(table)).containsExactlyInAnyOrderElementsOf(thrice(file));
    }

    @Test
    void every_nan_that_a_sort_spills_keeps_its_bits() throws IOException {
        Path spilled = folder.resolve("spilled");
        Schema schema = new Schema(
                Types.NestedField.required(1, "d", Types.DoubleType.get()),
                Types.NestedField.required(2, "f", Types.FloatType.get()));
        Record row = GenericRecord.create(schema);
        row.set(0, Double.longBitsToDouble(0xfff8000000000000L));
        row.set(1, Float.intBitsToFloat(0xffc00000));
        try (SpillFile.Writer writer = SpillFile.write(spilled, schema)) {
            writer.add(row);
        }

        assertThat(ExampleRows.of(spilled, List.of(0, 1))).containsExactly("fff8000000000000 | ffc00000");
    }

    @Test
    void no_nan_is_written_to_orc_that_it_would_not_keep() throws IOException {
        BaseTable table = table(file(), "v1", true);
        table.updateProperties().set("write.format.default", "orc").commit();
        List<Path> before = live(table);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains("column f has a value of NaN with the bits 0x7fc00001");
        assertThat(live(table)).isEqualTo(before);
    }

    /** Parquet's writer has one NaN alone, so others are put where numbers were that stand nowhere else. */
    private Path file() throws IOException {
        Path file = folder.resolve("nan.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(SCHEMA)
                .withDictionaryEncoding(false)
                .withPageWriteChecksumEnabled(false)
                .build()) {
            for (long id = 0; id < 4; id++) {
                writer.write(new SimpleGroup(SCHEMA)
                        .append("id", id)
                        .append("f", id % 2 == 0 ? 12345.678f : 87654.32f)
                        .append("d", id % 2 == 0 ? 12345.678 : 87654.32));
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        replace(bytes, number(12345.678f), ByteBuffer.allocate(4).putInt(0x7fc00001));
        replace(bytes, number(87654.32f), ByteBuffer.allocate(4).putInt(0xffffffff));
        replace(bytes, number(12345.678), ByteBuffer.allocate(8).putLong(0x7ff0000000000001L));
        replace(bytes, number(87654.32), ByteBuffer.allocate(8).putLong(0xffffffffffffffffL));
        Files.write(file, bytes);
        List<String> rows = ExampleRows.of(file, List.of(0, 1, 2));
        assertThat(rows.get(1)).isEqualTo("1 | ffffffff | ffffffffffffffff");
        return file;
    }

    private BaseTable table(Path file, String version, boolean dictionary) {
        BaseTable table =
                ForeignFiles.register(new LocalFileIO(), folder.resolve("t").toString(), file, 3);
        table.updateProperties()
                .set("write.parquet.page-version", version)
                .set("parquet.enable.dictionary", Boolean.toString(dictionary))
                .commit();
        return table;
    }

    private static List<Path> live(BaseTable table) throws IOException {
        List<Path> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }

    private static List<String> written(BaseTable table) throws IOException {
        List<String> written = new ArrayList<>();
        for (Path file : live(table)) {
            written.addAll(ExampleRows.of(file, List.of(0, 1, 2)));
        }
        return written;
    }

    private static List<String> thrice(Path file) throws IOException {
        List<String> rows = ExampleRows.of(file, List.of(0, 1, 2));
        assertThat(rows.get(1)).isEqualTo("1 | ffffffff | ffffffffffffffff");
        List<String> thrice = new ArrayList<>(rows);
        thrice.addAll(rows);
        thrice.addAll(rows);
        return thrice;
    }

    private static byte[] number(float value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array();
    }

    private static byte[] number(double value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array();
    }

    /** Everywhere, in statistics too. */
    private static void replace(byte[] bytes, byte[] from, ByteBuffer bigEndian) {
        byte[] to = new byte[from.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = bigEndian.get(to.length - 1 - i);
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String with = text.replace(
                new String(from, StandardCharsets.ISO_8859_1), new String(to, StandardCharsets.ISO_8859_1));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(with.getBytes(StandardCharsets.ISO_8859_1));
        System.arraycopy(out.toByteArray(), 0, bytes, 0, bytes.length);
    }
}
