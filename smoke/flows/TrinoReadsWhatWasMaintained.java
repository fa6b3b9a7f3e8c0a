package flows;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sink.testing.RestServer;
import io.sink.testing.S3Server;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import lib.Histories;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import lib.Site;
import lib.Trino;
import lib.Trino.Answer;
import lib.Trino.Column;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trino, which reads files and deletes by code of its own, sees in every kind of table the same rows before and after
 * they are maintained, and what it goes on writing is maintained too: by hand, with {@code -Dsink.trino=true}.
 */
@ExtendWith(Seeds.Given.class)
class TrinoReadsWhatWasMaintained {
    private static final String NO_VECTORS = "Unexpected PUFFIN file format";
    private static final String NO_DELETES_IN_1 = "require at least format version 2";
    private static final String NO_DELETES_IN_3 = "Must use DVs for position deletes in V3";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    /**
     * What Trino sees of a table.
     *
     * @param versions the rows of versions that stay, by what names each in SQL
     */
    private record Seen(Answer rows, Map<String, List<String>> versions, long dataFiles, long deleteFiles) {}

    @Test
    void trino_reads_the_same_and_what_it_writes_is_maintained_too(Seeds seeds) throws Exception {
        assumeTrue(Boolean.getBoolean("sink.trino"), "fetches 821 MB: -Dsink.trino=true runs it");
        Optional<Path> java = Trino.java();
        assumeTrue(java.isPresent(), "Trino needs Java 24, and there is none: -Dsink.java24=<home> names one");
        try (S3Server storage = S3Server.start(Files.createDirectory(directory.resolve("s3")));
                JdbcCatalog catalog = catalog(storage);
                RestServer server = RestServer.start(catalog);
                Trino trino = Trino.start(directory, java.orElseThrow(), server.uri(), storage)) {
            Sink sink = Sink.in(directory).with("S3_SECRET", S3Server.SECRET).configured("""
                version: 1
                catalogs:
                  lake:
                    type: rest
                    uri: "%s"
                    s3.endpoint: http://127.0.0.1:%d
                    s3.path-style-access: true
                    s3.access-key-id: %s
                    s3.secret-access-key: ${S3_SECRET}
                maintenance:
                  expire: { older-than: 0s, retain-last: 3 }
                  compact: { min-data-files: 2, min-input-files: 2, verify: full }
                """.formatted(
                            server.uri(), storage.port(), S3Server.KEY_ID));
            seeds.once(draws -> new Maintained(trino, catalog, storage, sink).twice(new Histories(catalog, draws)));
        }
    }

    private JdbcCatalog catalog(S3Server storage) {
        Map<String, String> properties = new HashMap<>(SqliteCatalog.properties(directory));
        properties.putAll(storage.properties());
        properties.put("warehouse", "s3://lake/warehouse");
        JdbcCatalog catalog = new JdbcCatalog();
        catalog.initialize("lake", properties);
        catalog.createNamespace(Namespace.of(Site.NAMESPACE));
        return catalog;
    }

    private record Maintained(Trino trino, JdbcCatalog catalog, S3Server storage, Sink sink) {

        void twice(Histories histories) throws Exception {
            List<String> read = new ArrayList<>(histories.make());
            for (String format : List.of("PARQUET", "ORC", "AVRO")) {
                read.add(written(format));
            }
            List<String> newest = histories.makeNewest();
            List<String> vectors = histories.makeVectors();
            read.addAll(newest);
            SortedMap<String, Seen> before = new TreeMap<>();
            for (String table : read) {
                before.put(table, seen(table));
            }
            for (String table : vectors) {
                assertThatThrownBy(() -> trino.ask("SELECT * FROM " + table)).hasMessageContaining(NO_VECTORS);
            }
            List<String> all = Stream.concat(read.stream(), vectors.stream()).toList();
            SortedMap<String, List<String>> rows = secondRows(all);

            Report first = sink.maintain("--compact");

            assertThat(first.exit()).as("%s", first).isZero();
            assertAll(read.stream()
                    .map(table -> () -> assertMaintained(first, table, requireNonNull(before.get(table)))));
            assertThat(secondRows(all)).isEqualTo(rows);
            for (String table : vectors) {
                // What deleted rows is applied, so that Trino reads what it could not
                assertThat(trino.ask("SELECT id FROM " + table).lines())
                        .as(table)
                        .isEqualTo(ids(requireNonNull(rows.get(table))));
            }
            assertAll(all.stream().map(table -> () -> before.put(table, writtenOn(table))));
            rows = secondRows(all);

            Report second = sink.maintain("--compact", "--remove-dangling-deletes");

            assertThat(second.exit()).as("%s", second).isZero();
            assertAll(all.stream().map(table -> () -> {
                Seen now = assertMaintained(second, table, requireNonNull(before.get(table)));
                assertThat(now.deleteFiles()).as(table).isZero();
            }));
            assertThat(secondRows(all)).isEqualTo(rows);
        }

        /** A table that Trino makes, with each of its ways to change rows. */
        private String written(String format) throws IOException, InterruptedException {
            String table = "trino_" + format.toLowerCase(Locale.ROOT);
            String layout = format.equals("PARQUET")
                    ? ", partitioning = ARRAY['cat'], sorted_by = ARRAY['price']"
                    : ", partitioning = ARRAY['bucket(key, 2)']";
            String source = " SELECT * FROM positions WHERE id ";
            trino.ask("CREATE TABLE " + table + " WITH (format = '" + format + "'" + layout + ") AS" + source + "< 60");
            trino.ask("INSERT INTO " + table + source + "BETWEEN 50 AND 120");
            trino.ask("DELETE FROM " + table + " WHERE id % 7 = 0");
            Table made = catalog.loadTable(TableIdentifier.of(Site.NAMESPACE, table));
            long now = made.currentSnapshot().snapshotId();
            made.manageSnapshots()
                    .createTag("kept", now)
                    .createBranch("audit", now)
                    .commit();
            trino.ask("UPDATE " + table + " SET qty = -1, cat = 'plain' WHERE id % 11 = 0");
            trino.ask("MERGE INTO " + table + " t USING (" + source + "BETWEEN 110 AND 250) s ON t.id = s.id"
                    + " WHEN MATCHED AND s.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET price = 0"
                    + " WHEN NOT MATCHED THEN INSERT (id, cat, ratio, info) VALUES (s.id, s.cat, s.ratio, s.info)");
            trino.ask("ANALYZE " + table);
            return table;
        }

        private Seen seen(String table) throws IOException, InterruptedException {
            Answer rows = trino.ask("SELECT * FROM " + table);
            Map<String, List<String>> versions = new TreeMap<>();
            versions.put(Long.toString(table(table).currentSnapshot().snapshotId()), rows.lines());
            // Trino cannot read the vectors that these need
            for (String ref : table.startsWith("vectors") ? List.<String>of() : List.of("'kept'", "'audit'")) {
                versions.put(ref, version(table, ref));
            }
            return new Seen(rows, versions, files(table, "content = 0"), files(table, "content <> 0"));
        }

        private List<String> version(String table, String version) throws IOException, InterruptedException {
            return trino.ask("SELECT * FROM " + table + " FOR VERSION AS OF " + version)
                    .lines();
        }

        private long files(String table, String which) throws IOException, InterruptedException {
            return trino.number("SELECT count(*) FROM \"" + table + "$files\" WHERE " + which);
        }

        private Table table(String name) {
            return catalog.loadTable(TableIdentifier.of(Site.NAMESPACE, name));
        }

        /** The rows of tables in Parquet by a third reader, row ids included, every file that is needed being there. */
        private SortedMap<String, List<String>> secondRows(List<String> tables) {
            SortedMap<String, List<String>> rows = new TreeMap<>();
            for (String table : tables) {
                TableOperations ops = ((BaseTable) table(table)).operations();
                SecondReader reader =
                        SecondReader.of(storage.locate(ops.current().metadataFileLocation()), storage::locate);
                assertThat(reader.reachable()).as(table).allMatch(Files::exists);
                if (!table.matches("trino_(orc|avro)")) {
                    rows.put(table, reader.rows());
                }
            }
            return rows;
        }

        private Seen assertMaintained(Report report, String table, Seen before)
                throws IOException, InterruptedException {
            Action compaction = report.action("lake.web." + table, "compact");
            assertThat(compaction.reason()).as("%s", report).isEqualTo("compacted");
            assertThat(report.action("lake.web." + table, "expire").reason())
                    .as("%s", report)
                    .isIn("expired", "nothing-to-expire");
            Seen now = seen(table);
            System.out.printf(
                    "trino: %s %d rows, %d → %d data files, %d → %d delete files: %s%n",
                    table,
                    now.rows().rows().size(),
                    before.dataFiles(),
                    now.dataFiles(),
                    before.deleteFiles(),
                    now.deleteFiles(),
                    compaction.detail());
            assertThat(now.rows().columns()).as(table).isEqualTo(before.rows().columns());
            assertSameRows(table, now.rows().lines(), before.rows().lines());
            for (Map.Entry<String, List<String>> version : before.versions().entrySet()) {
                String of = version.getKey();
                List<String> rows =
                        now.versions().containsKey(of) ? now.versions().get(of) : version(table, of);
                assertSameRows(table + " as of " + of, rows, version.getValue());
            }
            assertSkipsNothing(table, now.rows());
            assertFiles(report, table, before, now);
            return now;
        }

        /** Of rows of the third reader, in the form of an answer. */
        private static List<String> ids(List<String> rows) {
            return rows.stream()
                    .map(row -> "[" + row.replaceFirst(".*\"id\":\"(\\d+)\".*", "$1") + "]")
                    .sorted()
                    .toList();
        }

        private static void assertSameRows(String of, List<String> now, List<String> before) {
            List<String> lost = new ArrayList<>(before);
            now.forEach(lost::remove);
            assertThat(lost).as("lost of %s", of).isEmpty();
            assertThat(now).as(of).hasSameSizeAs(before);
        }

        /** What Trino finds by bounds, column indexes and Bloom filters is what it finds without them. */
        private void assertSkipsNothing(String table, Answer rows) throws IOException, InterruptedException {
            List<String> conditions = conditions(rows);
            String found = "SELECT %d, count(*), min(id), max(id) FROM " + table + " WHERE %s";
            String all = ", count(*) FILTER (WHERE %1$s), min(id) FILTER (WHERE %1$s), max(id) FILTER (WHERE %1$s)";
            List<String> skipping = trino.ask(IntStream.range(0, conditions.size())
                            .mapToObj(i -> found.formatted(i, conditions.get(i)))
                            .collect(Collectors.joining(" UNION ALL ")))
                    .lines();
            // One count without a condition keeps Trino from skipping by the conditions of the others
            List<String> row = trino.row("SELECT count(*)"
                    + conditions.stream().map(all::formatted).collect(Collectors.joining())
                    + " FROM " + table);
            assertThat(row.get(0))
                    .as(table)
                    .isEqualTo(Integer.toString(rows.rows().size()));
            assertThat(skipping)
                    .as("%s where %s", table, conditions)
                    .isEqualTo(IntStream.range(0, conditions.size())
                            .mapToObj(i -> "[" + i + "," + String.join(",", row.subList(3 * i + 1, 3 * i + 4)) + "]")
                            .sorted()
                            .toList());
        }

        /** For each column with values that can be compared, in turns: from one of them on, or equal to it. */
        private static List<String> conditions(Answer rows) {
            List<String> conditions = new ArrayList<>();
            for (int i = 0; i < rows.columns().size(); i++) {
                Column column = rows.columns().get(i);
                int position = i;
                List<JsonNode> values = rows.rows().stream()
                        .map(row -> row.get(position))
                        .filter(value -> !value.isNull() && !value.asText().equals("NaN"))
                        .sorted(Comparator.comparing(JsonNode::asText))
                        .toList();
                if (column.isScalar() && !values.isEmpty()) {
                    conditions.add("\"" + column.name() + "\"" + (i % 2 == 0 ? " >= " : " = ")
                            + column.literal(values.get(values.size() / 3)));
                }
            }
            return conditions;
        }

        /** Trino counts the files and snapshots that the report says. */
        private void assertFiles(Report report, String table, Seen before, Seen now)
                throws IOException, InterruptedException {
            Action compaction = report.action("lake.web." + table, "compact");
            long dataFiles = before.dataFiles()
                    - compaction.effect("data_files_rewritten")
                    + compaction.effect("data_files_written");
            assertThat(now.dataFiles()).as("%s", compaction).isEqualTo(dataFiles);
            assertThat(trino.row("SELECT count(DISTINCT \"$path\"), (SELECT sum(record_count) FROM \"" + table
                            + "$files\" WHERE content = 0) FROM " + table))
                    .as(table)
                    .containsExactly(
                            Long.toString(dataFiles),
                            Integer.toString(now.rows().rows().size()));
            assertThat(trino.ask("SELECT snapshot_id FROM \"" + table + "$snapshots\"")
                            .lines())
                    .as(table)
                    .isEqualTo(StreamSupport.stream(table(table).snapshots().spliterator(), false)
                            .map(snapshot -> "[" + snapshot.snapshotId() + "]")
                            .sorted()
                            .toList());
            assertThat(trino.ask("SELECT operation FROM \"" + table + "$snapshots\" WHERE element_at(summary,"
                                    + " 'sink.run-id') = '"
                                    + report.json().path("run_id").asText() + "'")
                            .lines())
                    .as(table)
                    .contains("[\"replace\"]");
        }

        /** Inserts and deletes by Trino, as far as it can; it then sees what these should leave. */
        private Seen writtenOn(String table) throws IOException, InterruptedException {
            List<JsonNode> rows =
                    new ArrayList<>(trino.ask("SELECT * FROM " + table).rows());
            List<JsonNode> more = rows.stream()
                    .filter(row -> row.get(0).asLong() >= 30 && row.get(0).asLong() <= 33)
                    .toList();
            assertThat(more).as(table).isNotEmpty();
            rows.addAll(more);
            trino.ask("INSERT INTO " + table + " SELECT * FROM " + table + " WHERE id BETWEEN 30 AND 33");
            String deletion = "DELETE FROM " + table + " WHERE id % 10 = 1";
            if (TableUtil.formatVersion(table(table)) == 2) {
                trino.ask(deletion);
                rows.removeIf(row -> row.get(0).asLong() % 10 == 1);
            } else {
                assertThatThrownBy(() -> trino.ask(deletion)).message().containsAnyOf(NO_DELETES_IN_1, NO_DELETES_IN_3);
            }
            Seen now = seen(table);
            assertSameRows(table, now.rows().lines(), new Answer(now.rows().columns(), rows).lines());
            return now;
        }
    }
}
