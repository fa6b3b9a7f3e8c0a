package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Pen;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files in the manner of Hive, without the column that their partition gives, of each type that can be one. */
class IdentityPartitionsTest {
    private static final int ROWS = 50;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "boolean | true | true",
                "int | -7 | -7",
                "long | 9223372036854775807 | 9223372036854775807",
                "float | 1.5 | 1.5",
                "double | -2.25 | -2.25",
                "decimal(9, 2) | -12.34 | -12.34",
                "decimal(38, 4) | 12345678901234567890.1234 | 12345678901234567890.1234",
                "date | 1969-12-31 | 1969-12-31",
                "time | 23:59:59.999999 | 23:59:59.999999",
                "timestamp | 1969-12-31T23:59:59.999999 | 1969-12-31 23:59:59.999999",
                "timestamptz | 2026-11-28T01:02:03.000004+00:00 | 2026-11-28 01:02:03.000004+00",
                "timestamp_ns | 1969-12-31T23:59:59.999999999 | 1969-12-31 23:59:59.999999999",
                "timestamp_ns | 2026-11-28T01:02:03.000004005 | 2026-11-28 01:02:03.000004005",
                "timestamptz_ns | 2026-11-28T01:02:03.000004005+00:00 | 2026-11-28 01:02:03.000004005+00",
                "string | Größe/a b=c | Größe/a b=c",
                "uuid | 00112233-4455-6677-8899-aabbccddeeff | 00112233-4455-6677-8899-aabbccddeeff",
                "fixed[3] | abc | abc",
                "binary | abc | abc",
            })
    void keep_their_value(String type, String value, String shown) throws Exception {
        for (boolean sorted : new boolean[] {false, true}) {
            BaseTable table = table(Types.fromPrimitiveString(type), value);
            if (sorted) {
                table.replaceSortOrder().desc("id").commit();
            }

            ActionResult result = Compacting.small().execute(table.operations());

            assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
            assertThat(result.detail()).contains(sorted ? "rewriter record" : "rewriter page-merge");
            assertThat(written(table)).hasSize(2 * ROWS).containsOnly(shown);
        }
    }

    private BaseTable table(Type type, String value) throws IOException {
        Schema schema =
                new Schema(NestedField.required(1, "id", Types.IntegerType.get()), NestedField.optional(2, "c", type));
        String location = Files.createTempDirectory(folder, "t").toString();
        BaseTable table = Pen.create(
                        new LocalFileIO(),
                        true,
                        TableMetadata.newTableMetadata(
                                schema,
                                PartitionSpec.builderFor(schema).identity("c").build(),
                                SortOrder.unsorted(),
                                location,
                                Map.of("format-version", "3")))
                .table();
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(0, internal(type, value));
        AppendFiles append = table.newAppend();
        for (int i = 0; i < 2; i++) {
            Path file = Path.of(location, "data-" + i + ".parquet");
            write(file);
            append.appendFile(DataFiles.builder(table.spec())
                    .withPath(file.toString())
                    .withFormat("parquet")
                    .withFileSizeInBytes(Files.size(file))
                    .withRecordCount(ROWS)
                    .withPartition(partition)
                    .build());
        }
        append.commit();
        return table;
    }

    private static Object internal(Type type, String value) {
        return switch (type.typeId()) {
            case STRING -> value;
            case FIXED, BINARY -> ByteBuffer.wrap(value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            case BOOLEAN -> Boolean.valueOf(value);
            case INTEGER -> Integer.valueOf(value);
            case LONG -> Long.valueOf(value);
            case FLOAT -> Float.valueOf(value);
            case DOUBLE -> Double.valueOf(value);
            default -> Literal.of(value).to(type).value();
        };
    }

    private static void write(Path file) throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType("message m { required int32 id = 1; }");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .build()) {
            for (int id = 0; id < ROWS; id++) {
                writer.write(new SimpleGroup(schema).append("id", id));
            }
        }
    }

    /** The column as it stands in the file that was written. */
    private static List<String> written(BaseTable table) throws Exception {
        List<String> values = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles();
                Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            for (FileScanTask task : tasks) {
                try (ResultSet result = statement.executeQuery("SELECT c::VARCHAR FROM read_parquet('"
                        + task.file().location() + "', hive_partitioning = false)")) {
                    while (result.next()) {
                        values.add(result.getString(1));
                    }
                }
            }
        }
        return values;
    }
}
