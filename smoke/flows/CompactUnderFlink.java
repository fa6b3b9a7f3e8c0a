package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.PathTable;
import io.sink.testing.RestServer;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import lib.Accounts;
import lib.Flink;
import lib.Lake;
import lib.Report;
import lib.Sink;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flink appends and upserts, with a checkpoint each second and failures on the way, while the program maintains its
 * tables: each row is there once, and each key has its last value. By hand, with {@code -Dsink.flink=true};
 * {@code -Dsink.flink.seconds} is how long Flink writes into each of two catalogs.
 */
class CompactUnderFlink {
    private static final int SECONDS = Integer.getInteger("sink.flink.seconds", 60);
    private static final int PER_SECOND = 200;
    private static final long ROWS = (long) SECONDS * PER_SECOND;
    /** So that there are two on the way. */
    private static final long UNTIL_FAILURE = ROWS * 2 / 5;

    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final List<String> TABLES = List.of("appends", "buckets", "upserts");

    /** Iceberg's Flink 1.11 writes no vector to a table whose first snapshot is gone, whoever expired it. */
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: %s
            maintenance:
              expire: { older-than: 3s, retain-last: 5 }
              compact: { min-data-files: 4, min-input-files: 2 }
              manifests: { min-manifests: 4 }
            tables:
              - match: lake.web.buckets
                expire: { older-than: 1d }
            """;

    @TempDir
    Path directory;

    @Test
    void every_row_and_every_last_value_is_there_in_a_sqlite_catalog() throws Exception {
        assumeTrue(Boolean.getBoolean("sink.flink"), "fetches 180 MB: -Dsink.flink=true runs it");
        try (Lake lake = make()) {
            Map<String, String> properties = new HashMap<>(SqliteCatalog.properties(lake.directory()));
            properties.remove("io-impl");
            properties.put("catalog-impl", "org.apache.iceberg.jdbc.JdbcCatalog");
            stream(lake, "{ type: jdbc, uri: \"jdbc:sqlite:./lake/catalog.db\", warehouse: ./lake }", properties);
        }
    }

    @Test
    void every_row_and_every_last_value_is_there_over_rest() throws Exception {
        assumeTrue(Boolean.getBoolean("sink.flink"), "fetches 180 MB: -Dsink.flink=true runs it");
        try (Lake lake = make();
                RestServer server = RestServer.start(lake.catalog())) {
            Map<String, String> properties =
                    Map.of("catalog-impl", "org.apache.iceberg.rest.RESTCatalog", "uri", server.uri());
            stream(lake, "{ type: rest, uri: \"%s\" }".formatted(server.uri()), properties);
        }
    }

    private Lake make() throws IOException {
        Lake lake = Lake.make(directory);
        // The metadata log names every version, so that what it does not name never became the table.
        Map<String, String> properties = Map.of(
                "commit.retry.num-retries", "20",
                "commit.retry.min-wait-ms", "10",
                "write.metadata.previous-versions-max", "100000");
        lake.create("appends", 2, properties);
        lake.create("upserts", 2, properties);
        Map<String, String> third = new HashMap<>(properties);
        third.put("format-version", "3");
        PartitionSpec buckets =
                PartitionSpec.builderFor(PathTable.SCHEMA).bucket("id", 3).build();
        lake.catalog().createTable(Lake.id("buckets"), PathTable.SCHEMA, buckets, third);
        return lake;
    }

    private void stream(Lake lake, String configured, Map<String, String> catalog) throws Exception {
        Sink sink = Sink.in(directory).configured(CONFIGURATION.formatted(configured));
        SortedMap<String, Integer> reasons = new TreeMap<>();
        Path work = Files.createDirectory(directory.resolve("flink"));
        String failures;
        try (Flink flink = Flink.start(work, catalog, ROWS, PER_SECOND, UNTIL_FAILURE)) {
            while (flink.isAtWork()) {
                if (TABLES.stream()
                        .anyMatch(table -> load(lake.catalog(), table).currentSnapshot() == null)) {
                    Thread.sleep(200);
                } else {
                    maintain(sink, reasons);
                }
            }
            failures = flink.ended();
        }
        System.out.printf("CompactUnderFlink, %s: %d rows, Flink %s%n", configured, ROWS, failures);
        for (String table : TABLES) {
            long commits = load(lake.catalog(), table).operations().current().lastSequenceNumber();
            System.out.println(commits + " commits to " + table);
        }
        reasons.forEach((reason, times) -> System.out.println(times + " × " + reason));
        assertRows(lake);
        TABLES.forEach(table -> assertThat(reasons).containsKey(table + " compact compacted"));

        maintain(sink, reasons, "--older-than", "0s", "--retain-last", "1");
        maintain(sink, reasons, "--older-than", "0s", "--retain-last", "1");

        assertRows(lake);
        for (String table : TABLES) {
            assertNothingLeft(lake, table);
        }
    }

    private static void maintain(Sink sink, SortedMap<String, Integer> reasons, String... options)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                "maintain", "--report", "json", "--compact", "--remove-dangling-deletes", "--rewrite-manifests"));
        line.addAll(List.of(options));
        Report report = sink.start(line.toArray(String[]::new)).ended(PATIENCE).report();
        assertThat(report.exit()).as("%s", report).isZero();
        for (JsonNode table : report.json().path("tables")) {
            for (JsonNode action : table.path("actions")) {
                String reason = action.path("reason").asText();
                assertThat(action.path("outcome").asText()).as("%s", report).isIn("done", "skipped", "deferred");
                assertThat(action.path("left_files")).as("%s", report).isEmpty();
                if (action.path("outcome").asText().equals("deferred")) {
                    assertThat(reason).as("%s", report).isEqualTo("commit-conflict");
                    reason += ": " + action.path("detail").asText().replaceFirst(":.*", "");
                }
                String of = table.path("table").asText().replaceFirst(".*\\.", "");
                reasons.merge(of + " " + action.path("action").asText() + " " + reason, 1, Integer::sum);
            }
        }
    }

    private static void assertRows(Lake lake) throws IOException {
        List<String> appended = LongStream.range(0, ROWS)
                .mapToObj(number -> number + " row " + number)
                .sorted()
                .toList();
        SortedMap<Long, Long> last = new TreeMap<>();
        for (long number = 0; number < ROWS; number++) {
            long key = number % (number % 2 == 0 ? 100 : 2000);
            if (number % 11 == 5) {
                last.remove(key);
            } else {
                last.put(key, number);
            }
        }
        List<String> upserted = last.entrySet().stream()
                .map(row -> row.getKey() + " row " + row.getValue())
                .sorted()
                .toList();
        for (String table : TABLES) {
            List<String> expected = table.equals("appends") ? appended : upserted;
            assertThat(bySecondReader(lake.reader(table))).as(table).isEqualTo(expected);
            assertThat(byIceberg(load(lake.catalog(), table))).as(table).isEqualTo(expected);
            assertThat(lake.reader(table).reachable()).allMatch(Files::exists);
        }
    }

    private static List<String> bySecondReader(SecondReader reader) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<String> rows = new ArrayList<>();
        for (String row : reader.rows()) {
            JsonNode object = json.readTree(row);
            rows.add(object.path("id").asText() + " " + object.path("name").asText());
        }
        return rows.stream().sorted().toList();
    }

    private static List<String> byIceberg(Table table) throws IOException {
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            records.forEach(row -> rows.add(row.getField("id") + " " + row.getField("name")));
        }
        return rows.stream().sorted().toList();
    }

    private static BaseTable load(Catalog catalog, String table) {
        return (BaseTable) catalog.loadTable(Lake.id(table));
    }

    /** Files of Flink have the checksums of Hadoop beside them; what a job leaves that fails is its own affair. */
    private static void assertNothingLeft(Lake lake, String table) throws IOException {
        Set<Path> left = Accounts.superfluous(lake.reader(table), lake.table(table));
        left.removeIf(file -> file.toString().endsWith(".crc"));
        int all = left.size();
        left.removeIf(file -> Files.exists(file.resolveSibling("." + file.getFileName() + ".crc")));
        System.out.printf("%s: %d files of Flink are left%n", table, all - left.size());
        assertThat(left).as(table).isEmpty();
    }
}
