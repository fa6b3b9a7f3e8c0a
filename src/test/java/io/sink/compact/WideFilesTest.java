package io.sink.compact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ForeignFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Footers that are larger than what is fetched of a file's end at once. */
class WideFilesTest {
    private static final int FETCHED = 128 << 10;

    @TempDir
    Path folder;

    @Test
    void large_footers_of_inputs_are_read() throws Exception {
        Path file = write("binary", " (UTF8)", 200, 64 << 10, 40);
        assertThat(footer(file)).isGreaterThan(FETCHED);

        compact(file);
    }

    @Test
    void a_large_footer_of_the_output_alone_is_read() throws Exception {
        Path file = write("int32", "", 900, 64 << 20, 3);
        assertThat(footer(file)).isLessThan(FETCHED);

        assertThat(compact(file))
                .anySatisfy(written -> assertThat(footer(written)).isGreaterThan(FETCHED));
    }

    /** The footer alone, without the four bytes that parquet-java wants to see before it. */
    @Test
    void a_footer_of_just_what_is_fetched_is_read() throws Exception {
        Path file = write("int32", "", 100, 64 << 20, 3);
        for (int missing : new int[] {0, 7, 8, 11, 12}) {
            Path padded = padded(file, FETCHED - missing);
            assertThat(footer(padded)).isEqualTo(FETCHED - missing);

            compact(padded);
        }
    }

    private List<Path> compact(Path file) throws IOException {
        Path location = Files.createTempDirectory(folder, "t");
        BaseTable table = ForeignFiles.register(new LocalFileIO(), location.toString(), file, 2);
        List<String> rows = rows(live(table));

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        List<Path> live = live(table);
        assertThat(live).hasSize(1);
        assertThat(rows(live)).isEqualTo(rows);
        return live;
    }

    private Path write(String type, String annotation, int columns, int rowGroup, int rows) throws IOException {
        Path file = folder.resolve(type + columns + ".parquet");
        MessageType schema = MessageTypeParser.parseMessageType("message m {"
                + IntStream.range(0, columns)
                        .mapToObj(i -> " optional " + type + " c" + i + annotation + ";")
                        .collect(Collectors.joining())
                + " }");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withRowGroupSize((long) rowGroup)
                .withMinRowCountForPageSizeCheck(1)
                .withMaxRowCountForPageSizeCheck(10)
                .build()) {
            for (int row = 0; row < rows; row++) {
                Group values = new SimpleGroup(schema);
                for (int i = 0; i < columns; i++) {
                    if (type.equals("binary")) {
                        values.append("c" + i, "a value of some length in row " + row + " of column " + i);
                    } else {
                        values.append("c" + i, row * columns + i);
                    }
                }
                writer.write(values);
            }
        }
        return file;
    }

    private Path padded(Path file, int footer) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length = footer(file);
        int at = bytes.length - 8 - length;
        FileMetaData said = Util.readFileMetaData(new ByteArrayInputStream(bytes, at, length));
        int more = footer - length;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        // Lengths are written as they are small or large: what is too much is taken back.
        for (int size = 0; size != footer; ) {
            said.setKey_value_metadata(List.of(new KeyValue("padding").setValue("x".repeat(more))));
            out.reset();
            Util.writeFileMetaData(said, out);
            size = out.size();
            more += footer - size;
        }
        Path padded = folder.resolve("padded-" + footer + ".parquet");
        byte[] end = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(footer)
                .put("PAR1".getBytes(UTF_8))
                .array();
        try (OutputStream to = Files.newOutputStream(padded)) {
            to.write(bytes, 0, at);
            out.writeTo(to);
            to.write(end);
        }
        return padded;
    }

    private static int footer(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Path> live(BaseTable table) throws IOException {
        List<Path> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }

    private static List<String> rows(List<Path> files) throws IOException {
        List<String> rows = new ArrayList<>();
        for (Path file : files) {
            rows.addAll(ForeignFiles.examples(file));
        }
        rows.sort(null);
        return rows;
    }
}
