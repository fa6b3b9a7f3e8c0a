package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.Before;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import lib.SparkSql;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that Spark wrote expire in Spark's own catalog, and Spark reads in them afterwards what it read before. */
class ExpireSparkTables {
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./catalog.db", warehouse: ./warehouse }
            maintenance:
              expire: { older-than: 0s, retain-last: 1 }
            """;

    @TempDir
    Path directory;

    @Test
    void spark_reads_the_same_after_the_expiry() throws IOException, InterruptedException {
        Path warehouse = Files.createDirectory(directory.resolve("warehouse"));
        SparkSql spark = new SparkSql(
                directory.resolve("spark"), SparkSql.jdbcCatalog("lake", directory.resolve("catalog.db"), warehouse));
        List<String> questions = new ArrayList<>();
        List<String> statements = new ArrayList<>(List.of("CREATE NAMESPACE lake.db"));
        for (int version : new int[] {2, 3}) {
            statements.addAll(life("lake.db.v" + version, version));
            questions.addAll(questions("lake.db.v" + version));
        }
        statements.addAll(questions);
        List<List<String>> first = spark.run(statements);
        List<List<String>> answers = first.subList(first.size() - questions.size(), first.size());
        Before v2 = before(warehouse, "v2");
        Before v3 = before(warehouse, "v3");
        Sink sink = Sink.in(directory).configured(CONFIGURATION);

        Report report = sink.maintain();

        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(report.reasons()).isEqualTo(Map.of("lake.db.v2", "expired", "lake.db.v3", "expired"));
        assertExpired(v2, report.action("lake.db.v2"));
        assertExpired(v3, report.action("lake.db.v3"));

        Map<String, Long> maintained = Trees.contents(warehouse);
        Report again = sink.maintain();
        assertThat(again.reasons())
                .isEqualTo(Map.of("lake.db.v2", "nothing-to-expire", "lake.db.v3", "nothing-to-expire"));
        assertThat(Trees.contents(warehouse)).isEqualTo(maintained);

        List<String> more = new ArrayList<>(questions);
        more.add("INSERT INTO lake.db.v3 SELECT 1000, 'new', 1.5D");
        more.add("SELECT count(*) n FROM lake.db.v3");
        List<List<String>> after = spark.run(more);
        assertThat(after.subList(0, questions.size())).isEqualTo(answers);
        assertThat(after.get(after.size() - 1)).containsExactly("{\"n\":191}");
    }

    private static void assertExpired(Before before, Action action) {
        before.assertMaintained(action);
        assertThat(action.effect("snapshots_expired")).isEqualTo(5);
        assertThat(action.effect("data_files_deleted")).isPositive();
        assertThat(action.effect("delete_files_deleted")).isPositive();
        System.out.printf("spark: %s %s%n", action.table(), action.json().path("effect"));
    }

    /** Appends, merge-on-read deletes and updates under a tag and a branch, then a rewrite that replaces the files. */
    private static List<String> life(String table, int version) {
        return List.of(
                "CREATE TABLE " + table + " (id BIGINT, cat STRING, price DOUBLE) USING iceberg PARTITIONED BY (cat)"
                        + " TBLPROPERTIES ('format-version' = '" + version
                        + "', 'write.delete.mode' = 'merge-on-read', 'write.update.mode' = 'merge-on-read')",
                insert(table, 0),
                insert(table, 100),
                "DELETE FROM " + table + " WHERE id % 10 = 0",
                "ALTER TABLE " + table + " CREATE TAG before",
                "ALTER TABLE " + table + " CREATE BRANCH audit",
                "UPDATE " + table + " SET price = -1 WHERE id % 11 = 0",
                "DELETE FROM " + table + ".branch_audit WHERE id < 20",
                "DELETE FROM " + table + " WHERE id = 101",
                "CALL lake.system.rewrite_data_files(table => '" + table.substring("lake.".length())
                        + "', options => map('rewrite-all', 'true'))",
                insert(table, 200) + " LIMIT 11");
    }

    private static String insert(String table, int from) {
        return "INSERT INTO " + table + " SELECT id, concat('c', id % 2), id / 7.0D FROM range(" + from + ", "
                + (from + 100) + ")";
    }

    private static List<String> questions(String table) {
        String lineage = table.endsWith("v3") ? ", _row_id, _last_updated_sequence_number" : "";
        String ordered = " ORDER BY id";
        return List.of(
                "SELECT *" + lineage + " FROM " + table + ordered,
                "SELECT *" + lineage + " FROM " + table + ".branch_audit" + ordered,
                "SELECT * FROM " + table + " VERSION AS OF 'before'" + ordered);
    }

    private Before before(Path warehouse, String table) {
        Path database = directory.resolve("catalog.db");
        return Before.of(warehouse.resolve("db").resolve(table), () -> Lake.reader(database, "db", table));
    }
}
