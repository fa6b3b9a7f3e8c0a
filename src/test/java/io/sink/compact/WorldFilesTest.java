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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of pyarrow and Polars, compacted and compared with DuckDB's reading of what they were, or refused. */
class WorldFilesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "all-null.polars, compacted",
        "all-null.pyarrow, compacted",
        "brotli.polars, compacted",
        "empty-page-v2.pyarrow, compacted",
        "empty-page.pyarrow, compacted",
        "empty-row-group.pyarrow, compacted",
        "int96.pyarrow, compacted",
        "lz4-v2.pyarrow, compacted",
        "lz4.polars, compacted",
        "nanos.pyarrow, compacted",
        "no-rows.pyarrow, compacted",
        "null-type.pyarrow, unsupported-feature",
        "unsigned.pyarrow, compacted",
    })
    void compacts_and_reads_the_same_or_is_refused(String name, String reason) throws Exception {
        Path file =
                Path.of(getClass().getResource("/world/" + name + ".parquet").toURI());
        Path location = Files.createDirectories(folder.resolve("t"));
        BaseTable table = ForeignFiles.register(new LocalFileIO(), location.toString(), file, 3, "time");
        List<Path> before = live(table);
        List<String> rows = rows(table, before);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason().code()).as(result.toString()).isEqualTo(reason);
        if (result.reason() == Reason.COMPACTED) {
            assertThat(live(table)).doesNotContainAnyElementsOf(before);
        }
        assertThat(rows(table, live(table))).isEqualTo(rows);
    }

    /** DuckDB believes the writer's null counts, which are too high, so the second opinion is Parquet's own example. */
    @Test
    void counts_nulls_where_the_writer_counted_them_wrong() throws Exception {
        Path file = Path.of(
                getClass().getResource("/world/null-count.polars.parquet").toURI());
        BaseTable table = ForeignFiles.register(
                new LocalFileIO(), Files.createDirectories(folder.resolve("t")).toString(), file, 3);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains("proved 120 rows, 60 nulls");
        List<String> rows = ForeignFiles.examples(file);
        assertThat(rows).hasSize(40).filteredOn(row -> !row.contains("x: ")).hasSize(20);
        List<String> written = new ArrayList<>();
        for (Path live : live(table)) {
            written.addAll(ForeignFiles.examples(live));
        }
        written.sort(null);
        assertThat(written)
                .isEqualTo(Stream.of(rows, rows, rows)
                        .flatMap(List::stream)
                        .sorted()
                        .toList());
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().includeColumnStats().planFiles()) {
            tasks.forEach(
                    task -> assertThat(task.file().nullValueCounts().get(2)).isEqualTo(60));
        }
    }

    /** Pages that are large enough to go on as they are, without a checksum, by a writer that cannot count. */
    @Test
    void counts_nulls_of_pages_that_it_copies() throws Exception {
        Path file = folder.resolve("miscounted.parquet");
        MessageType schema = MessageTypeParser.parseMessageType("message m { required int64 id; optional int64 x; }");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withPageRowCountLimit(100_000)
                .withPageWriteChecksumEnabled(false)
                .withDictionaryEncoding(false)
                .build()) {
            for (long id = 0; id < 30_000; id++) {
                Group row = new SimpleGroup(schema).append("id", id);
                writer.write(id % 3 == 0 ? row : row.append("x", id));
            }
        }
        miscount(file);
        BaseTable table = ForeignFiles.register(
                new LocalFileIO(), Files.createDirectories(folder.resolve("t")).toString(), file, 3);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains("page-merge", "proved 90,000 rows, 30,000 nulls");
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().includeColumnStats().planFiles()) {
            tasks.forEach(task -> assertThat(task.file().nullValueCounts()).containsEntry(2, 30_000L));
        }
    }

    /** Says of column x that it has twice as many nulls, and of the file that somebody else wrote it. */
    private static void miscount(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        int footer = bytes.length - 8 - length;
        FileMetaData said = Util.readFileMetaData(new ByteArrayInputStream(bytes, footer, length));
        said.setCreated_by("somebody version 1.0");
        said.getRow_groups().forEach(rowGroup -> {
            ColumnChunk x = rowGroup.getColumns().get(1);
            x.getMeta_data().getStatistics().setNull_count(20_000);
            x.unsetColumn_index_offset();
            x.unsetColumn_index_length();
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, footer);
        Util.writeFileMetaData(said, out);
        byte[] end = new byte[8];
        ByteBuffer.wrap(end)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(out.size() - footer)
                .put("PAR1".getBytes(UTF_8));
        out.write(end);
        Files.write(file, out.toByteArray());
    }

    private static List<Path> live(BaseTable table) throws IOException {
        List<Path> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }

    /** Each row as a text, sorted. */
    private static List<String> rows(BaseTable table, List<Path> files) throws SQLException {
        if (files.isEmpty()) {
            return List.of();
        }
        String sql = "SELECT t::VARCHAR FROM (SELECT " + ForeignFiles.columns(table.schema()) + " FROM read_parquet(["
                + files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", ")) + "])) t ORDER BY 1";
        List<String> rows = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }
}
