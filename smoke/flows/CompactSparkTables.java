package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathWarehouse;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import lib.SparkSql;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables that Spark wrote are compacted, and the metadata of others rewritten; Spark and the second reader find every
 * row as it was, lineage included.
 */
class CompactSparkTables {
    private static final List<String> TABLES = List.of("lake.db.v2", "lake.db.v3", "paths.db.v3");
    private static final List<String> OTHERS = List.of("lake.db.m2", "lake.db.m3");
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./catalog.db", warehouse: ./warehouse }
              paths: { type: path, warehouse: ./paths }
            maintenance:
              expire: { older-than: 0s, retain-last: 1 }
              compact: { min-data-files: 4, min-input-files: 2, verify: full }
            """;

    @TempDir
    Path directory;

    @Test
    void spark_reads_the_same_after_the_compaction() throws IOException, InterruptedException {
        Path warehouse = Files.createDirectory(directory.resolve("warehouse"));
        Path paths = Files.createDirectory(directory.resolve("paths"));
        Map<String, String> conf =
                new HashMap<>(SparkSql.jdbcCatalog("lake", directory.resolve("catalog.db"), warehouse));
        conf.putAll(SparkSql.hadoopCatalog("paths", paths));
        SparkSql spark = new SparkSql(directory.resolve("spark"), conf);
        List<String> statements = new ArrayList<>(List.of("CREATE NAMESPACE lake.db", "CREATE NAMESPACE paths.db"));
        TABLES.forEach(table -> statements.addAll(life(table)));
        for (String table : OTHERS) {
            statements.addAll(life(table));
            // Leaves position deletes of files that are gone.
            statements.add("CALL lake.system.rewrite_data_files(table => '" + table.substring("lake.".length())
                    + "', options => map('rewrite-all', 'true'))");
            statements.add(insert(table, 200));
            statements.add(insert(table, 300));
        }
        List<String> questions = Stream.concat(TABLES.stream(), OTHERS.stream())
                .map(CompactSparkTables::question)
                .toList();
        statements.addAll(questions);
        List<List<String>> first = spark.run(statements);
        List<List<String>> answers = first.subList(first.size() - questions.size(), first.size());
        Map<String, List<String>> rows = new HashMap<>();
        TABLES.forEach(table -> rows.put(table, reader(table).rows()));
        OTHERS.forEach(table -> rows.put(table, reader(table).rows()));
        Sink sink = Sink.in(directory).configured(CONFIGURATION);

        Report metadata = sink.maintain(
                "--older-than",
                "1d",
                "--remove-dangling-deletes",
                "--rewrite-manifests",
                "--min-manifests",
                "2",
                "lake.db.m*");

        assertThat(metadata.exit()).as("%s", metadata).isZero();
        for (String table : OTHERS) {
            assertThat(metadata.action(table, "rewrite-manifests").reason())
                    .as("%s", metadata)
                    .isEqualTo("manifests-rewritten");
            assertThat(reader(table).rows()).as(table).isEqualTo(rows.get(table));
        }
        assertThat(metadata.action("lake.db.m2", "remove-dangling-deletes").reason())
                .isEqualTo("dangling-deletes-removed");

        Report report = sink.maintain("--compact", "lake.db.v*", "paths.db.v*");

        assertThat(report.exit()).as("%s", report).isZero();
        for (String table : TABLES) {
            assertThat(report.action(table, "expire").reason()).as("%s", report).isEqualTo("expired");
            Action action = report.action(table, "compact");
            assertThat(action.reason()).as("%s", report).isEqualTo("compacted");
            assertThat(action.effect("data_files_rewritten")).isGreaterThan(action.effect("data_files_written"));
            assertThat(reader(table).rows()).as(table).isEqualTo(rows.get(table));
            System.out.printf("spark: %s %s%n", action.table(), action.json().path("effect"));
        }
        List<String> more = new ArrayList<>(questions);
        for (String table : TABLES) {
            more.add("DELETE FROM " + table + " WHERE id = 1");
            more.add("INSERT INTO " + table + " VALUES (1000, 'c0', 0.5D)");
        }
        TABLES.forEach(table -> more.add("SELECT id, cat, price FROM " + table + " ORDER BY id"));
        List<List<String>> after = spark.run(more);
        assertThat(after.subList(0, questions.size())).isEqualTo(answers);
        List<String> written = after.get(after.size() - 1);
        assertThat(after.subList(after.size() - TABLES.size(), after.size())).containsOnly(written);
        assertThat(written)
                .hasSize(180)
                .contains("{\"id\":1000,\"cat\":\"c0\",\"price\":0.5}")
                .noneMatch(row -> row.contains("\"id\":1,"));
        TABLES.forEach(table -> rows.put(table, reader(table).rows()));

        // What Spark went on writing is maintained like what it wrote first
        Report again = sink.maintain("--compact", "--min-data-files", "2", "lake.db.v*", "paths.db.v*");

        assertThat(again.exit()).as("%s", again).isZero();
        for (String table : TABLES) {
            assertThat(again.action(table, "expire").reason()).as("%s", again).isEqualTo("expired");
            assertThat(reader(table).rows())
                    .as(table)
                    .isEqualTo(rows.get(table))
                    .hasSize(180);
            assertThat(reader(table).reachable()).as(table).allMatch(Files::exists);
        }
    }

    /** Appends to two partitions, and merge-on-read deletes and updates, all of it in small files. */
    private static List<String> life(String table) {
        String version = table.substring(table.length() - 1);
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

    private static String question(String table) {
        String lineage = table.endsWith("3") ? ", _row_id, _last_updated_sequence_number" : "";
        return "SELECT *" + lineage + " FROM " + table + " ORDER BY id";
    }

    private SecondReader reader(String table) {
        String name = table.substring(table.length() - "v3".length());
        return table.startsWith("paths.")
                ? PathWarehouse.local(directory.resolve("paths")).reader("db/" + name)
                : Lake.reader(directory.resolve("catalog.db"), "db", name);
    }
}
