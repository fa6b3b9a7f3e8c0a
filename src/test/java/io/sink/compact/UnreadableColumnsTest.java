package io.sink.compact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ExampleRows;
import io.sink.testing.ForeignFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.crypto.ColumnEncryptionProperties;
import org.apache.parquet.crypto.FileEncryptionProperties;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns of which Iceberg's reader fails without a word are left alone, or are the reason of a refusal. */
class UnreadableColumnsTest {
    private static final String SHREDDED = "optional group v (VARIANT(1)) { required binary metadata;"
            + " optional binary value; optional int32 typed_value (INTEGER(32,false)); }";

    @TempDir
    Path folder;

    @Test
    void groups_that_the_table_does_not_have_are_no_hindrance() throws IOException {
        Path file = write(
                "required int64 id; optional group s { optional int32 a; } optional group t { optional int32 b; "
                        + "optional group c { optional int32 d; } }",
                row -> row.append("id", 1L)
                        .addGroup("t")
                        .append("b", 2)
                        .addGroup("c")
                        .append("d", 3));

        // Verified by records too, whichever way it is rewritten.
        BaseTable table = registered(file, "s");
        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(written(table)).containsExactly("1 | (2, (3))", "1 | (2, (3))");
    }

    @Test
    void a_shredded_variant_that_the_table_does_not_have_is_none_either() throws IOException {
        Path file = write("required int64 id; " + SHREDDED, row -> row.append("id", 1L));

        BaseTable table = registered(file, "v");
        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(written(table)).containsExactly("1", "1");
    }

    @Test
    void a_variant_shredded_as_nobody_supports_is_refused_with_its_column() throws IOException {
        Path file = write("required int64 id; " + SHREDDED, row -> row.append("id", 1L));

        BaseTable table = registered(file);
        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(result.detail())
                .contains("column v of ", "cannot be read: Unsupported shredded value type: INTEGER(32,false)");
    }

    @Test
    void a_map_without_values_is_refused() throws IOException {
        Path file = write(
                "required int64 id; optional group m (MAP) { repeated group key_value { required int32 key; } }",
                row -> row.append("id", 1L));

        BaseTable table = registered(file);
        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(result.detail()).contains("column m of ", "a list or a map whose layers Iceberg cannot take apart");
    }

    /** The number of a date's kind becomes one that the format has not given yet. */
    @Test
    void a_column_of_a_kind_that_came_later_is_refused() throws IOException {
        Path file = write("required int64 id; optional int32 day (DATE);", row -> row.append("id", 1L));
        BaseTable table = registered(file);
        for (Path live : live(table)) {
            byte[] bytes = Files.readAllBytes(live);
            String text = new String(bytes, ISO_8859_1);
            assertThat(text).containsOnlyOnce("\u006c\0\0\0");
            Files.write(live, text.replace("\u006c\0\0\0", "\u009c\0\0\0").getBytes(ISO_8859_1));
        }

        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(result.detail()).contains("column day of ", ".parquet has an unknown logical type");
    }

    @Test
    void encrypted_columns_below_a_plain_footer_are_refused_for_their_encryption() throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType("message m { required int64 id; optional int96 t; }");
        Path file = folder.resolve("encrypted.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withEncryption(FileEncryptionProperties.builder("0123456789abcdef".getBytes(UTF_8))
                        .withPlaintextFooter()
                        .withEncryptedColumns(Map.of(
                                ColumnPath.get("t"),
                                ColumnEncryptionProperties.builder("t")
                                        .withKey("fedcba9876543210".getBytes(UTF_8))
                                        .build()))
                        .build())
                .build()) {
            writer.write(new SimpleGroup(schema).append("id", 1L));
        }

        ActionResult result = compact(registered(file));

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.ENCRYPTED);
        assertThat(result.detail()).contains(file.getFileName().toString());
    }

    private Path write(String columns, Consumer<Group> fill) throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType("message m { " + columns + " }");
        Path file = folder.resolve("file.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .build()) {
            Group row = new SimpleGroup(schema);
            fill.accept(row);
            writer.write(row);
        }
        return file;
    }

    private BaseTable registered(Path file, String... ignored) throws IOException {
        Path location = Files.createDirectories(folder.resolve("t"));
        return ForeignFiles.register(new LocalFileIO(), location.toString(), file, 2, ignored);
    }

    private static ActionResult compact(BaseTable table) {
        return Compacting.small().execute(table.operations());
    }

    private static List<Path> live(BaseTable table) throws IOException {
        List<Path> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }

    private static List<String> written(BaseTable table) throws IOException {
        List<Integer> columns = new ArrayList<>();
        table.schema().columns().forEach(column -> columns.add(columns.size()));
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                rows.addAll(ExampleRows.of(Path.of(task.file().location()), columns));
            }
        }
        return rows;
    }
}
