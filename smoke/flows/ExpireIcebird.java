package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.testing.IcebirdFixtures;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.SecondReader;
import io.sink.testing.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lib.Before;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables that icebird wrote expire without a catalog, and stay what icebird can read and write on. */
class ExpireIcebird {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_ID = 1L << 53;
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              exports: { type: path, warehouse: ./exports/iceberg/datasets, blob-root: ./exports }
            maintenance:
              expire: { older-than: 0s, retain-last: 3 }
            """;

    /** A table before the run: its rows and files, its newest metadata file and that file's version. */
    private record Was(String name, Before before, JsonNode metadata, int version) {}

    @TempDir
    Path directory;

    private IcebirdFixtures icebird;
    private Sink sink;

    @BeforeEach
    void unpack() throws IOException {
        icebird = IcebirdFixtures.unpack(directory);
        sink = Sink.in(directory).configured(CONFIGURATION);
    }

    @Test
    void every_table_expires_and_keeps_rows_names_and_settings() throws IOException, InterruptedException {
        List<Was> tables = new ArrayList<>();
        for (String name : IcebirdFixtures.TABLES_WITH_ROWS) {
            Path newest = icebird.metadata(name);
            tables.add(new Was(name, before(name), JSON.readTree(newest.toFile()), version(newest)));
        }
        Map<String, Long> tree = Trees.contents(icebird.store());

        Report dry = sink.maintain("--dry-run");

        assertThat(dry.exit()).isZero();
        assertThat(dry.reasons()).isEqualTo(reasons("would-expire"));
        assertThat(Trees.contents(icebird.store())).isEqualTo(tree);

        Report report = sink.maintain();

        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(report.reasons()).isEqualTo(reasons("expired"));
        for (Was was : tables) {
            Action action = report.action("exports." + was.name());
            was.before().assertMaintained(action);
            assertThat(action.deletedFiles())
                    .isEqualTo(dry.action("exports." + was.name()).deletedFiles());
            assertThat(reader(was.name()).snapshots()).as(was.name()).hasSize(3);
            assertThat(reader(was.name()).rows())
                    .as(was.name())
                    .isEqualTo(Files.readAllLines(icebird.expectedRows(was.name())));
            assertThat(version(icebird.metadata(was.name()))).isEqualTo(was.version() + 1);
            assertStillIcebirds(was.name(), was.metadata());
        }
        assertThat(reader("events_v2_deleted").rows()).hasSize(276);
        System.out.printf("icebird: %s%n", counts(report));

        Map<String, Long> maintained = Trees.contents(icebird.store());
        Report again = sink.maintain();

        assertThat(again.exit()).isZero();
        assertThat(again.reasons()).isEqualTo(reasons("nothing-to-expire"));
        assertThat(Trees.contents(icebird.store())).isEqualTo(maintained);
    }

    @Test
    void the_files_that_a_rewrite_replaced_without_saying_so_are_freed() throws IOException, InterruptedException {
        Before before = before("events_v3_rewritten");

        Report report = sink.maintain("exports.events_v3_rewritten", "--retain-last", "1");

        Action action = report.action("exports.events_v3_rewritten");
        assertThat(report.exit()).isZero();
        assertThat(action.effect("data_files_deleted")).isEqualTo(12);
        before.assertMaintained(action);
        assertThat(reader("events_v3_rewritten").rows())
                .isEqualTo(Files.readAllLines(icebird.expectedRows("events_v3_rewritten")));
    }

    @Test
    void a_table_without_a_version_hint_or_with_a_wrong_one_expires_by_its_listing()
            throws IOException, InterruptedException {
        Path right = icebird.directory("events_v3_day").resolve("metadata/version-hint.text");
        Path wrong = icebird.directory("events_v3_deleted").resolve("metadata/version-hint.text");
        Files.deleteIfExists(right);
        Files.writeString(wrong, "2");
        Before first = before("events_v3_day");
        Before second = before("events_v3_deleted");

        Report report = sink.maintain("exports.events_v3_day", "exports.events_v3_deleted");

        assertThat(report.exit()).isZero();
        first.assertMaintained(report.action("exports.events_v3_day"));
        second.assertMaintained(report.action("exports.events_v3_deleted"));
        assertHint("events_v3_day");
        assertHint("events_v3_deleted");
    }

    /** The reason for the test above: what Iceberg's own expiry would delete of the same table. */
    @Test
    void icebergs_own_expiry_passes_over_those_files() {
        Set<String> deleted = ConcurrentHashMap.newKeySet();
        Map<String, String> properties = Map.of(
                "warehouse",
                icebird.store().resolve("iceberg/datasets").toString(),
                "blob-root",
                icebird.store().toString());
        try (TableSource source = OpenCatalogs.open("exports", "path", properties, directory)) {
            source.load(new TableRef("exports", List.of(), "events_v3_rewritten"))
                    .expireSnapshots()
                    .expireOlderThan(System.currentTimeMillis())
                    .retainLast(1)
                    .deleteWith(deleted::add)
                    .commit();
        }

        assertThat(deleted).isNotEmpty().noneMatch(file -> file.endsWith(".parquet"));
        assertThat(reader("events_v3_rewritten").snapshots()).hasSize(1);
    }

    private Before before(String name) {
        return Before.of(icebird.directory(name), () -> reader(name), icebird::locate);
    }

    private SecondReader reader(String name) {
        try {
            return SecondReader.of(icebird.metadata(name), icebird::locate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> reasons(String ofTablesWithRows) {
        Map<String, String> reasons = new TreeMap<>();
        IcebirdFixtures.TABLES_WITH_ROWS.forEach(name -> reasons.put("exports." + name, ofTablesWithRows));
        reasons.put("exports." + IcebirdFixtures.EMPTY_TABLE, "no-current-snapshot");
        return reasons;
    }

    /** Locations, names, ids and properties are as icebird writes them, so that every version of it can go on. */
    private void assertStillIcebirds(String name, JsonNode was) throws IOException {
        JsonNode is = JSON.readTree(icebird.metadata(name).toFile());
        String location = "blob://iceberg/datasets/" + name;
        assertThat(is.path("location").asText()).isEqualTo(location);
        for (String kept : List.of(
                "format-version",
                "table-uuid",
                "properties",
                "schemas",
                "current-schema-id",
                "partition-specs",
                "sort-orders",
                "default-sort-order-id",
                "current-snapshot-id",
                "last-sequence-number",
                "next-row-id",
                "refs")) {
            JsonNode old = was.path(kept);
            assertThat(is.path(kept))
                    .as(kept + " of " + name)
                    .isEqualTo(old.isMissingNode() && kept.equals("properties") ? JSON.createObjectNode() : old);
        }
        is.path("metadata-log")
                .forEach(entry -> assertThat(entry.path("metadata-file").asText())
                        .matches(Pattern.quote(location) + "/metadata/v\\d+\\.metadata\\.json"));
        assertThat(is.path("metadata-log")).hasSize(was.path("metadata-log").size() + 1);
        is.path("snapshots").forEach(snapshot -> {
            assertThat(snapshot.path("snapshot-id").asLong()).isLessThan(LONGEST_ID);
            assertThat(was.path("snapshots")).contains(snapshot);
        });
        assertHint(name);
    }

    private void assertHint(String name) throws IOException {
        Path hint = icebird.directory(name).resolve("metadata/version-hint.text");
        if (Files.exists(hint)) {
            assertThat(Integer.parseInt(Files.readString(hint).strip())).isEqualTo(version(icebird.metadata(name)));
        }
        try (Stream<Path> files = Files.list(icebird.directory(name).resolve("metadata"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(file -> file.matches("v\\d+\\.metadata\\.json|version-hint\\.text|.*\\.avro"));
        }
    }

    private static int version(Path metadata) {
        return Integer.parseInt(metadata.getFileName().toString().replaceAll("\\D", ""));
    }

    private static Map<String, String> counts(Report report) {
        Map<String, String> counts = new TreeMap<>();
        report.actions()
                .forEach((name, action) ->
                        counts.put(name, action.json().path("effect").toString()));
        return counts;
    }
}
