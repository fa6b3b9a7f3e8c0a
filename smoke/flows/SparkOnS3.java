package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SecondReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lib.Lake;
import lib.LakeTable;
import lib.Report;
import lib.Sink;
import lib.SparkSql;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark reads and goes on writing, on S3, what was expired and compacted there, and reads path tables from S3. */
class SparkOnS3 {
    private static final String TABLE = "lake.db.events";

    @TempDir
    Path directory;

    @Test
    void what_was_maintained_reads_the_same_and_can_be_written_on() throws Exception {
        try (S3Server server = S3Server.start(directory)) {
            Path database = directory.resolve("catalog.db");
            Map<String, String> storage = new HashMap<>(server.properties());
            storage.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
            storage.put("client.region", "us-east-1");
            SparkSql spark = new SparkSql(
                    directory.resolve("spark"), SparkSql.jdbcCatalog("lake", database, "s3://lake/spark", storage));
            String question = "SELECT *, _row_id, _last_updated_sequence_number FROM " + TABLE + " ORDER BY id";
            List<List<String>> first = spark.run(List.of(
                    "CREATE NAMESPACE lake.db",
                    "CREATE TABLE " + TABLE
                            + " (id BIGINT, cat STRING, price DOUBLE) USING iceberg PARTITIONED BY (cat)"
                            + " TBLPROPERTIES ('format-version' = '3', 'write.delete.mode' = 'merge-on-read',"
                            + " 'write.update.mode' = 'merge-on-read')",
                    insert(0),
                    insert(100),
                    "DELETE FROM " + TABLE + " WHERE id % 10 = 0",
                    "UPDATE " + TABLE + " SET price = -1 WHERE id % 11 = 0",
                    question));
            SecondReader before = Lake.reader(database, "db", "events", server::locate);
            List<String> rows = before.rows();
            PathWarehouse exports = PathWarehouse.onS3(server, "s3://lake/exports");
            exports.create("t", 3, Map.of());
            try (TableSource source = exports.open()) {
                new LakeTable(PathWarehouse.load(source, "t"))
                        .append(1, 2)
                        .append(3)
                        .appendAndDeleteFirst(4, 5);
            }

            Report report = Sink.in(directory)
                    .configured("""
                    version: 1
                    catalogs:
                    %s  lake:
                        type: jdbc
                        uri: "jdbc:sqlite:./catalog.db"
                        warehouse: s3://lake/spark
                        s3.endpoint: %s
                        s3.path-style-access: true
                        s3.access-key-id: %s
                        s3.secret-access-key: %s
                    maintenance:
                      expire: { older-than: 0s, retain-last: 2 }
                      compact: { min-data-files: 2, min-input-files: 2, verify: full }
                    """.formatted(
                            exports.yaml(), server.properties().get("s3.endpoint"), S3Server.KEY_ID, S3Server.SECRET))
                    .maintain("--compact");

            assertThat(report.exit()).as("%s", report).isZero();
            assertThat(report.action(TABLE, "expire").reason()).isEqualTo("expired");
            assertThat(report.action(TABLE, "compact").reason()).isEqualTo("compacted");
            assertThat(report.action("paths.t", "compact").reason()).isEqualTo("compacted");
            assertThat(Lake.reader(database, "db", "events", server::locate).rows())
                    .isEqualTo(rows);
            List<String> more = new ArrayList<>(List.of(
                    question,
                    "CALL lake.system.register_table('db.exported', '"
                            + server.location(exports.reader("t").metadata()) + "')",
                    "SELECT id FROM lake.db.exported ORDER BY id",
                    "DELETE FROM " + TABLE + " WHERE id = 1",
                    "INSERT INTO " + TABLE + " VALUES (1000, 'c0', 1.0)",
                    question));
            List<List<String>> after = spark.run(more);
            assertThat(after.get(0)).isEqualTo(first.get(first.size() - 1)).hasSize(180);
            assertThat(after.get(2)).containsExactly("{\"id\":1}", "{\"id\":2}", "{\"id\":3}", "{\"id\":5}");
            assertThat(after.get(5))
                    .hasSize(180)
                    .containsAll(after.get(0).stream()
                            .filter(row -> !row.contains("\"id\":1,"))
                            .toList())
                    .anyMatch(row -> row.contains("\"id\":1000,"));
        }
    }

    private static String insert(int from) {
        return "INSERT INTO " + TABLE + " SELECT id, concat('c', id % 2), id / 7.0D FROM range(" + from + ", "
                + (from + 100) + ")";
    }
}
