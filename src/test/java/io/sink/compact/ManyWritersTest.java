package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ForeignColumns;
import io.sink.testing.ForeignFiles;
import io.sink.testing.Pen;
import io.sink.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table of what pyarrow and Polars write by default: nulls alone, LZ4, several row groups, files of no rows. */
class ManyWritersTest {
    private static final List<String> FILES = List.of(
            "all-null.polars",
            "all-null.pyarrow",
            "empty-row-group.pyarrow",
            "no-rows.pyarrow",
            "lz4-v2.pyarrow",
            "lz4.polars");
    private static final int COPIES = 4;

    @TempDir
    Path folder;

    @Test
    void twenty_four_files_on_disk_become_few_with_the_same_rows() throws Exception {
        compacts(new LocalFileIO(), Files.createDirectories(folder.resolve("t")).toString(), Path::of);
    }

    @Test
    void twenty_four_files_on_s3_become_few_with_the_same_rows() throws Exception {
        try (S3Server server = S3Server.start(folder);
                FileIO io = server.io()) {
            compacts(io, "s3://" + S3Server.BUCKET + "/t", server::locate);
        }
    }

    private static void compacts(FileIO io, String location, Function<String, Path> locate) throws Exception {
        BaseTable table = table(io, location);
        List<String> before = rows(table, locate);
        assertThat(live(table)).hasSize(FILES.size() * COPIES);
        assertThat(before).hasSizeGreaterThan(1_000);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(live(table)).hasSize(1);
        assertThat(rows(table, locate)).isEqualTo(before);
    }

    private static BaseTable table(FileIO io, String location) throws Exception {
        List<Path> files = new ArrayList<>();
        Map<String, Type> columns = new LinkedHashMap<>();
        for (String name : FILES) {
            Path file = Path.of(ManyWritersTest.class
                    .getResource("/world/" + name + ".parquet")
                    .toURI());
            files.add(file);
            // Both integers and longs: whoever comes last has the wider ones. Times in nanoseconds have no type.
            footer(file)
                    .getFileMetaData()
                    .getSchema()
                    .getFields()
                    .forEach(column -> columns.put(column.getName(), column));
        }
        columns.remove("time");
        // A text in one of the files, and a boolean in others.
        columns.remove("b");
        Schema schema = ForeignColumns.named(new MessageType("all", List.copyOf(columns.values())))
                .schema();
        TableMetadata metadata = TableMetadata.newTableMetadata(
                schema, PartitionSpec.unpartitioned(), SortOrder.unsorted(), location, Map.of("format-version", "2"));
        NameMapping mapping = MappingUtil.create(metadata.schema());
        BaseTable table = Pen.create(
                        io,
                        true,
                        metadata.replaceProperties(
                                Map.of(TableProperties.DEFAULT_NAME_MAPPING, NameMappingParser.toJson(mapping))))
                .table();
        AppendFiles append = table.newAppend();
        for (int copy = 0; copy < COPIES; copy++) {
            for (Path file : files) {
                String path = location + "/data/" + copy + "-" + file.getFileName();
                ForeignFiles.copy(io, file, path);
                append.appendFile(DataFiles.builder(table.spec())
                        .withPath(path)
                        .withFormat("parquet")
                        .withFileSizeInBytes(Files.size(file))
                        .withMetrics(ForeignFiles.metrics(io, path, footer(file), mapping))
                        .build());
            }
        }
        append.commit();
        return table;
    }

    private static ParquetMetadata footer(Path file) {
        return ForeignFiles.footer(file);
    }

    private static List<String> live(BaseTable table) throws IOException {
        List<String> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(task.file().location()));
        }
        return live;
    }

    private static List<String> rows(BaseTable table, Function<String, Path> locate) throws IOException, SQLException {
        String files =
                live(table).stream().map(file -> "'" + locate.apply(file) + "'").collect(Collectors.joining(", "));
        String sql = "SELECT t::VARCHAR FROM (SELECT " + ForeignFiles.columns(table.schema()) + " FROM read_parquet(["
                + files + "], union_by_name = true)) t ORDER BY 1";
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
