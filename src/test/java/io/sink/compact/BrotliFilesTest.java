package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ForeignFiles;
import io.sink.testing.OtherWriter;
import io.sink.testing.OtherWriter.Footer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Brotli is read, by pages and by records, and what is written is in another codec; DuckDB has the second opinion. */
class BrotliFilesTest {
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType(
            "message m { required int64 id; optional binary text (UTF8); optional int32 none; optional double number; }");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "false, false, false",
        "false, true, false",
        "true, false, false",
        "true, true, false",
        "false, false, true",
        "false, true, true",
        "true, false, true",
        "true, true, true"
    })
    void pages_of_either_version_keep_their_values(boolean v2, boolean dictionary, boolean sorted) throws Exception {
        Path file = folder.resolve("brotli.parquet");
        write(file, CompressionCodecName.BROTLI, v2, dictionary);
        BaseTable table = table(file, sorted);

        compacts(table, "zstd");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_table_of_several_codecs_is_written_in_one_that_its_files_have(boolean sorted) throws Exception {
        Path brotli = folder.resolve("brotli.parquet");
        write(brotli, CompressionCodecName.BROTLI, false, true);
        BaseTable table = table(brotli, sorted);
        Path snappy = folder.resolve("snappy.parquet");
        write(snappy, CompressionCodecName.SNAPPY, true, false);
        append(table, snappy);

        compacts(table, "snappy");
    }

    /** Copies, words of the format's own dictionary, context models: what a real encoder makes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_duckdb_compressed_keeps_its_values(boolean sorted) throws Exception {
        Path file = folder.resolve("duckdb.parquet");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("COPY (SELECT i AS id, 'the quick brown fox ' || md5(i::VARCHAR) || ' said that '"
                    + " || repeat('government information ', (i % 7)::INT) AS text, NULL::INT AS none,"
                    + " CASE WHEN i % 3 > 0 THEN i / 7.0 END::DOUBLE AS number FROM range(20000) t(i)) TO '" + file
                    + "' (FORMAT parquet, COMPRESSION brotli)");
        }

        compacts(table(file, sorted), "zstd");
    }

    @Test
    void nothing_is_staged_where_the_table_wants_brotli_written() throws Exception {
        Path file = folder.resolve("brotli.parquet");
        write(file, CompressionCodecName.BROTLI, false, true);
        BaseTable table = table(file, false);
        table.updateProperties()
                .set("write.parquet.compression-codec", "brotli")
                .commit();
        List<Path> before = live(table);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(result.detail()).contains("brotli of table property write.parquet.compression-codec");
        assertThat(live(table)).isEqualTo(before);
        try (var files = Files.list(before.get(0).getParent())) {
            assertThat(files).hasSameSizeAs(before);
        }
    }

    private static void compacts(BaseTable table, String codec) throws Exception {
        List<Path> before = live(table);
        assertThat(codecs(before)).contains("BROTLI");
        List<String> rows = rows(table, before);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(live(table)).doesNotContainAnyElementsOf(before);
        assertThat(rows(table, live(table))).isEqualTo(rows);
        assertThat(codecs(live(table))).containsExactly(codec.toUpperCase(java.util.Locale.ROOT));
    }

    private BaseTable table(Path file, boolean sorted) throws IOException {
        BaseTable table = ForeignFiles.register(
                new LocalFileIO(), Files.createDirectories(folder.resolve("t")).toString(), file, 3);
        if (sorted) {
            table.replaceSortOrder().desc("id").commit();
        }
        return table;
    }

    private static void append(BaseTable table, Path file) {
        String mapping = table.properties().get("schema.name-mapping.default");
        table.newAppend()
                .appendFile(DataFiles.builder(table.spec())
                        .withPath(file.toString())
                        .withFormat("parquet")
                        .withFileSizeInBytes(file.toFile().length())
                        .withMetrics(ForeignFiles.metrics(
                                table.io(),
                                file.toString(),
                                ForeignFiles.footer(file),
                                NameMappingParser.fromJson(mapping)))
                        .build())
                .commit();
    }

    private static void write(Path file, CompressionCodecName codec, boolean v2, boolean dictionary)
            throws IOException {
        List<Group> rows = new ArrayList<>();
        for (long id = 0; id < 200; id++) {
            Group row = new SimpleGroup(SCHEMA).append("id", id);
            if (id % 5 > 0) {
                row.append("text", "text " + id % 7);
            }
            rows.add(id % 3 == 0 ? row : row.append("number", id / 7.0));
        }
        new OtherWriter(codec, v2, dictionary, dictionary, 30, 80, true, Footer.TRUE).write(file, SCHEMA, rows);
    }

    private static List<Path> live(BaseTable table) throws IOException {
        List<Path> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }

    private static Set<String> codecs(List<Path> files) {
        return files.stream()
                .flatMap(file -> ForeignFiles.footer(file).getBlocks().stream())
                .flatMap(rowGroup -> rowGroup.getColumns().stream())
                .map(chunk -> chunk.getCodec().name())
                .collect(Collectors.toSet());
    }

    private static List<String> rows(BaseTable table, List<Path> files) throws SQLException {
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
