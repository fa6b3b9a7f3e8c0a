package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import lib.SparkSql;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that Spark wrote are compacted, and the metadata of others rewritten; Spark and the second reader find every row as it was, lineage included. */
class CompactSparkTables {
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./catalog.db", warehouse: ./warehouse }
            maintenance:
              compact: { min-data-files: 4, min-input-files: 2, verify: full }
            """;

    @TempDir
    Path directory;

    @Test
    void spark_reads_the_same_after_the_compaction() throws IOException, InterruptedException {
        Path warehouse = Files.createDirectory(directory.resolve("warehouse"));
        SparkSql spark = new SparkSql(
                directory.resolve("spark"), SparkSql.jdbcCatalog("lake", directory.resolve("catalog.db"), warehouse));
        List<String> questions = new ArrayList<>();
        List<String> statements = new ArrayList<>(List.of("CREATE NAMESPACE lake.db"));
        for (int version : new int[] {2, 3}) {
            for (String table : List.of("lake.db.v" + version, "lake.db.m" + version)) {
                statements.addAll(life(table, version));
                questions.addAll(questions(table));
            }
            // Leaves position deletes of files that are gone.
            statements.add("CALL lake.system.rewrite_data_files(table => 'db.m" + version
                    + "', options => map('rewrite-all', 'true'))");
            statements.add(insert("lake.db.m" + version, 200));
            statements.add(insert("lake.db.m" + version, 300));
        }
        statements.addAll(questions);
        List<List<String>> first = spark.run(statements);
        List<List<String>> answers = first.subList(first.size() - questions.size(), first.size());
        Map<String, List<String>> rows = new TreeMap<>();
        rows.put("v2", reader("v2").rows());
        rows.put("v3", reader("v3").rows());
        List<String> m2 = reader("m2").rows();
        List<String> m3 = reader("m3").rows();

        Report metadata = Sink.in(directory)
                .configured(CONFIGURATION)
                .maintain("--remove-dangling-deletes", "--rewrite-manifests", "--min-manifests", "2", "lake.db.m*");

        assertThat(metadata.exit()).as("%s", metadata).isZero();
        for (String table : List.of("m2", "m3")) {
            assertThat(metadata.action("lake.db." + table, "rewrite-manifests").reason())
                    .as("%s", metadata)
                    .isEqualTo("manifests-rewritten");
            System.out.printf(
                    "spark: lake.db.%s %s%n",
                    table,
                    metadata.action("lake.db." + table, "remove-dangling-deletes")
                            .reason());
        }
        assertThat(metadata.action("lake.db.m2", "remove-dangling-deletes").reason())
                .isEqualTo("dangling-deletes-removed");
        assertThat(reader("m2").rows()).isEqualTo(m2);
        assertThat(reader("m3").rows()).isEqualTo(m3);

        Report report = Sink.in(directory).configured(CONFIGURATION).maintain("--compact", "lake.db.v*");

        assertThat(report.exit()).as("%s", report).isZero();
        for (String table : rows.keySet()) {
            Action action = report.action("lake.db." + table, "compact");
            assertThat(action.reason()).as("%s", report).isEqualTo("compacted");
            assertThat(action.effect("data_files_rewritten")).isGreaterThan(action.effect("data_files_written"));
            assertThat(reader(table).rows()).as(table).isEqualTo(rows.get(table));
            System.out.printf("spark: %s %s%n", action.table(), action.json().path("effect"));
        }
        List<String> more = new ArrayList<>(questions);
        more.add("DELETE FROM lake.db.v3 WHERE id = 1");
        more.add("SELECT count(*) n FROM lake.db.v3");
        List<List<String>> after = spark.run(more);
        assertThat(after.subList(0, questions.size())).isEqualTo(answers);
        assertThat(after.get(after.size() - 1)).containsExactly("{\"n\":179}");
    }

    /** Appends to two partitions, and merge-on-read deletes and updates, all of it in small files. */
    private static List<String> life(String table, int version) {
        return List.of(
                "CREATE TABLE " + table + " (id BIGINT, cat STRING, price DOUBLE) USING iceberg PARTITIONED BY (cat)"
                        + " TBLPROPERTIES ('format-version' = '" + version
                        + "', 'write.delete.mode' = 'merge-on-read', 'write.update.mode' = 'merge-on-read')",
                insert(table, 0),
                insert(table, 100),
                "DELETE FROM " + table + " WHERE id % 10 = 0",
                "UPDATE " + table + " SET price = -1 WHERE id % 11 = 0");
    }

    private static String insert(String table, int from) {
        return "INSERT INTO " + table + " SELECT id, concat('c', id % 2), id / 7.0D FROM range(" + from + ", "
                + (from + 100) + ")";
    }

    private static List<String> questions(String table) {
        String lineage = table.endsWith("3") ? ", _row_id, _last_updated_sequence_number" : "";
        return List.of("SELECT *" + lineage + " FROM " + table + " ORDER BY id");
    }

    private SecondReader reader(String table) {
        return Lake.reader(directory.resolve("catalog.db"), "db", table);
    }
}
