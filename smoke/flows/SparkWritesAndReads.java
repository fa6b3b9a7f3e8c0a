package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lib.SparkSql;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark makes tables with every kind of change, and the second reader sees in them what Spark sees. */
class SparkWritesAndReads {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String COLUMNS = """
            id BIGINT, cat STRING, qty INT, price DECIMAL(10,2), ratio DOUBLE, at TIMESTAMP, local TIMESTAMP_NTZ,
            day DATE, raw BINARY, ok BOOLEAN, tags ARRAY<STRING>, props MAP<STRING, INT>, info STRUCT<a: INT, b: STRING>
            """;

    /** A hundred rows from an id on, with nulls, NaN and -0.0 among them. */
    private static final String ROWS = """
            SELECT id, element_at(array('a', 'b=/ %%', NULL), CAST(id %% 3 AS INT) + 1), CAST(id * 7 AS INT),
                CAST(id / 3 AS DECIMAL(10,2)),
                CASE id %% 4 WHEN 0 THEN double('NaN') WHEN 1 THEN double('-0.0') WHEN 2 THEN id / 7.0D END,
                timestamp_micros(id * 1234567890123), CAST(timestamp_micros(-id * 1000003) AS TIMESTAMP_NTZ),
                date_add(DATE '1969-12-30', CAST(id AS INT)), IF(id %% 5 = 0, NULL, encode(CAST(id AS STRING), 'UTF-8')), id %% 2 = 0,
                IF(id %% 6 = 0, NULL, array('é"\\n', CAST(id AS STRING), NULL)), map('k', CAST(id AS INT), 'j', NULL),
                IF(id %% 8 = 0, NULL, named_struct('a', CAST(id AS INT), 'b', 's'))
            FROM range(%1$d, %1$d + 100)
            """;

    /** Spark's columns in the second reader's form, but for doubles, whose bits SQL cannot give. */
    private static final String CANONICAL = """
            CAST(id AS STRING) id, cat, CAST(qty AS STRING) qty, CAST(price AS STRING) price,
            CAST(ratio AS STRING) ratio, CAST(unix_micros(at) AS STRING) at,
            CAST(unix_micros(CAST(local AS TIMESTAMP)) AS STRING) local, CAST(unix_date(day) AS STRING) day,
            lower(hex(raw)) raw, ok, tags,
            transform(array_sort(map_entries(props)), e -> array(e.key, CAST(e.value AS STRING))) props,
            IF(info IS NULL, NULL, named_struct('a', CAST(info.a AS STRING), 'b', info.b)) info
            """;

    @TempDir
    Path directory;

    @Test
    void what_spark_wrote_reads_the_same_without_spark() throws IOException, InterruptedException {
        Path warehouse = Files.createDirectory(directory.resolve("warehouse"));
        Path paths = Files.createDirectory(directory.resolve("paths"));
        Map<String, String> conf =
                new HashMap<>(SparkSql.jdbcCatalog("lake", directory.resolve("catalog.db"), warehouse));
        conf.putAll(SparkSql.hadoopCatalog("paths", paths));

        List<String> statements = new ArrayList<>(List.of("CREATE NAMESPACE lake.db", "CREATE NAMESPACE paths.db"));
        statements.addAll(life("lake.db.v2", 2));
        statements.addAll(life("lake.db.v3", 3));
        statements.addAll(life("paths.db.v3", 3));
        List<String> questions = List.of(
                select("lake.db.v2", ", note", ""),
                select("lake.db.v2.branch_audit", ", note", ""),
                select("lake.db.v2 VERSION AS OF 'before'", "", ""),
                select("lake.db.v3", ", note", lineage()),
                select("paths.db.v3", ", note", lineage()));
        statements.addAll(questions);
        List<List<String>> all = new SparkSql(directory.resolve("spark"), conf).run(statements);
        List<List<String>> answers = all.subList(all.size() - questions.size(), all.size());

        SecondReader v2 = reader(warehouse.resolve("db/v2"));
        assertThat(v2.rows()).isEqualTo(canonical(answers.get(0))).hasSize(250);
        assertThat(v2.rows(snapshot(v2, "audit"))).isEqualTo(canonical(answers.get(1)));
        assertThat(v2.rowsInOwnSchema(snapshot(v2, "before"))).isEqualTo(canonical(answers.get(2)));
        assertThat(reader(warehouse.resolve("db/v3")).rows()).isEqualTo(canonical(answers.get(3)));
        assertThat(reader(paths.resolve("db/v3")).rows()).isEqualTo(canonical(answers.get(4)));
        assertAllFilesAreReachable(warehouse.resolve("db/v2"));
        assertAllFilesAreReachable(warehouse.resolve("db/v3"));
    }

    private static List<String> life(String table, int version) {
        return List.of(
                "CREATE TABLE " + table + " (" + COLUMNS + ") USING iceberg PARTITIONED BY (cat) TBLPROPERTIES ("
                        + "'format-version' = '" + version + "', 'write.delete.mode' = 'merge-on-read',"
                        + " 'write.update.mode' = 'merge-on-read', 'write.merge.mode' = 'merge-on-read')",
                "INSERT INTO " + table + " " + ROWS.formatted(0),
                "INSERT INTO " + table + " " + ROWS.formatted(100),
                "DELETE FROM " + table + " WHERE id % 7 = 0",
                "ALTER TABLE " + table + " CREATE TAG before",
                "ALTER TABLE " + table + " CREATE BRANCH audit",
                "ALTER TABLE " + table + " ADD COLUMN note STRING",
                "UPDATE " + table + " SET qty = -1, note = 'changed' WHERE id % 11 = 0",
                "ALTER TABLE " + table + " ADD PARTITION FIELD bucket(2, id)",
                "INSERT INTO " + table + " SELECT *, 'new' FROM (" + ROWS.formatted(150) + ")",
                "DELETE FROM " + table + ".branch_audit WHERE id < 20",
                "DELETE FROM " + table + " WHERE id % 13 = 1");
    }

    private static String select(String table, String more, String lineage) {
        return "SELECT " + lineage + CANONICAL + more + " FROM " + table;
    }

    private static String lineage() {
        return "CAST(_row_id AS STRING) _row_id,"
                + " CAST(_last_updated_sequence_number AS STRING) _last_updated_sequence_number, ";
    }

    private static List<String> canonical(List<String> sparks) throws IOException {
        List<String> rows = new ArrayList<>();
        for (String row : sparks) {
            ObjectNode object = (ObjectNode) JSON.readTree(row);
            if (object.hasNonNull("ratio")) {
                object.put("ratio", bits(Double.parseDouble(object.get("ratio").asText())));
            }
            rows.add(object.toString());
        }
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    private static String bits(double value) {
        return Double.isNaN(value) ? "nan" : HexFormat.of().toHexDigits(Double.doubleToRawLongBits(value));
    }

    private static long snapshot(SecondReader reader, String ref) {
        return reader.snapshots().stream()
                .filter(snapshot -> snapshot.refs().contains(ref))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static void assertAllFilesAreReachable(Path table) throws IOException {
        try (Stream<Path> walk = Files.walk(table)) {
            List<Path> onDisk = walk.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".crc"))
                    .toList();

            assertThat(reader(table).reachable()).containsExactlyInAnyOrderElementsOf(onDisk);
        }
    }

    /** A second reader of the newest metadata file, that of the highest version in its name. */
    private static SecondReader reader(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table.resolve("metadata"))) {
            Path newest = files.filter(file -> file.toString().endsWith(".metadata.json"))
                    .max(Comparator.comparingInt(SparkWritesAndReads::version))
                    .orElseThrow();
            return SecondReader.of(newest, SecondReader::local);
        }
    }

    private static int version(Path metadata) {
        return Integer.parseInt(metadata.getFileName().toString().replaceFirst("^v?(\\d+).*", "$1"));
    }
}
