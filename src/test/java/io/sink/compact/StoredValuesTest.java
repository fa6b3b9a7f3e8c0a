package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ForeignFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that Iceberg's reader takes for others stay what DuckDB reads, whichever rewriter a table gets. */
class StoredValuesTest {
    private static final long NANOS_OF_DAY = 86_400_000_000_000L;
    private static final int JULIAN_DAY_OF_1970 = 2_440_588;

    /** Days and nanoseconds of them: around 1970, before 1900, the last of what 64 bits of nanoseconds say, beyond. */
    private static final long[][] INSTANTS = {
        {0, 0},
        {0, 1_999},
        {-1, NANOS_OF_DAY - 1},
        {-1, 1_001},
        {-30_000, 5},
        {106_751, NANOS_OF_DAY - 1_000},
        {106_752, 1},
        {365_000, 123_456_789_012L},
        {2_932_896, NANOS_OF_DAY - 1_000}
    };

    private static final int[] NUMBERS = {0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1};

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void unsigned_integers_stay_what_the_file_says_wherever_they_stand(boolean sorted) throws Exception {
        MessageType schema = MessageTypeParser.parseMessageType("""
                message m {
                  required int32 id;
                  required int32 u (INTEGER(32,false));
                  optional int32 o (INTEGER(32,false));
                  optional group s { optional int32 u (INTEGER(32,false)); optional binary t (UTF8); }
                  optional group l (LIST) { repeated group list { optional int32 element (INTEGER(32,false)); } }
                  optional group m (MAP) { repeated group key_value {
                    required int32 key (INTEGER(32,false)); optional int32 value (INTEGER(32,false)); } }
                }
                """);
        List<Group> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int number = NUMBERS[i % NUMBERS.length];
            Group row = new SimpleGroup(schema).append("id", i).append("u", number);
            if (i % 3 > 0) {
                row.append("o", number);
                row.addGroup("s").append("u", number).append("t", "t" + i);
                Group list = row.addGroup("l");
                list.addGroup("list").append("element", number);
                list.addGroup("list");
                row.addGroup("m").addGroup("key_value").append("key", number).append("value", number);
            }
            rows.add(row);
        }

        List<String> read = compact(schema, rows, sorted);

        assertThat(read)
                .hasSize(80)
                .filteredOn(row -> row.contains("'u': 4294967295, 'o': 4294967295"))
                .hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void timestamps_of_twelve_bytes_stay_the_instants_that_they_are(boolean sorted) throws Exception {
        MessageType schema = MessageTypeParser.parseMessageType("""
                message m {
                  required int32 id;
                  optional int96 ts;
                  optional group s { optional int96 ts; }
                  optional group l (LIST) { repeated group list { optional int96 element; } }
                }
                """);
        List<Group> rows = new ArrayList<>();
        for (int i = 0; i < 4 * INSTANTS.length; i++) {
            Binary instant = int96(INSTANTS[i % INSTANTS.length]);
            Group row = new SimpleGroup(schema).append("id", i);
            if (i % 4 > 0) {
                row.append("ts", instant);
                row.addGroup("s").append("ts", instant);
                row.addGroup("l").addGroup("list").append("element", instant);
            }
            rows.add(row);
        }

        List<String> read = compact(schema, rows, sorted);

        assertThat(read)
                .hasSize(72)
                .filteredOn(row -> row.contains("'ts': '9999-12-31 23:59:59.999999'"))
                .hasSize(6);
    }

    /** The rows as DuckDB reads them after, which must be what it read before. */
    private List<String> compact(MessageType schema, List<Group> rows, boolean sorted) throws Exception {
        Path file = folder.resolve("file.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .build()) {
            for (Group row : rows) {
                writer.write(row);
            }
        }
        BaseTable table = ForeignFiles.register(
                new LocalFileIO(), Files.createDirectories(folder.resolve("t")).toString(), file, 2);
        if (sorted) {
            table.replaceSortOrder().desc("id").commit();
        }
        List<String> before = read(table);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains(sorted ? "rewriter record" : "rewriter page-merge");
        List<String> after = read(table);
        assertThat(after).isEqualTo(before);
        return after;
    }

    private static Binary int96(long[] instant) {
        return Binary.fromConstantByteArray(ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(instant[1])
                .putInt((int) instant[0] + JULIAN_DAY_OF_1970)
                .array());
    }

    private static List<String> read(BaseTable table) throws Exception {
        List<String> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add("'" + task.file().location() + "'"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        String sql = "SELECT t::VARCHAR FROM (SELECT " + ForeignFiles.columns(table.schema()) + " FROM read_parquet(["
                + files.stream().collect(Collectors.joining(", ")) + "])) t ORDER BY 1";
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
