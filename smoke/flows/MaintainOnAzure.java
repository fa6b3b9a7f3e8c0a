package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sink.testing.LocatedFileIO;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import lib.Azurite;
import lib.Before;
import lib.Lake;
import lib.LakeTable;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import lib.Sink.Ended;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables on Azure's storage through Iceberg's module for it, against Azurite, which can do everything but list. By
 * hand, with {@code -Dsink.azure=true}.
 */
class MaintainOnAzure {
    private static final String ABFSS = "lake.web.events";
    private static final String WASBS = "lake.web.clicks";
    private static final String KEY = """
            adls.auth.shared-key.account.name: %s
                adls.auth.shared-key.account.key: ${AZURE_SECRET}
            """.formatted(Azurite.ACCOUNT);
    private static final String TOKEN = """
            adls.sas-token.%s: ${AZURE_SECRET}
                adls.sas-token.%s: ${AZURE_SECRET}
            """.formatted(Azurite.DFS, Azurite.BLOB);

    @TempDir
    Path directory;

    private final List<Ended> runs = new ArrayList<>();
    private Path mirror;
    private Azurite azurite;

    @BeforeEach
    void starts() throws Exception {
        assumeTrue(Boolean.getBoolean("sink.azure"), "fetches 430 MB: -Dsink.azure=true runs it");
        mirror = directory.resolve("mirror");
        azurite = Azurite.start(directory);
        make();
    }

    @AfterEach
    void stops() throws IOException {
        if (azurite != null) {
            System.out.println("MaintainOnAzure: " + azurite.requests(400).size() + " requests refused");
            azurite.close();
        }
    }

    @Test
    void expires_and_compacts_with_every_row_kept() throws Exception {
        Sink sink = sink(KEY, Azurite.KEY);
        List<String> events = rows("events");
        List<String> clicks = rows("clicks");
        Before eventsBefore = before("events");
        Before clicksBefore = before("clicks");

        Report expired = maintain(sink);
        azurite.mirror(mirror);
        eventsBefore.assertRowsKept();
        clicksBefore.assertRowsKept();
        eventsBefore.assertNothingSuperfluous();
        clicksBefore.assertNothingSuperfluous();
        eventsBefore.assertTold(expired.action(ABFSS, "expire"));
        clicksBefore.assertTold(expired.action(WASBS, "expire"));
        TreeSet<String> known = azurite.names();
        Report compacted = maintain(sink, "--compact");
        Report removed = maintain(sink, "--remove-dangling-deletes", "--rewrite-manifests");

        for (String table : List.of(ABFSS, WASBS)) {
            Action compaction = compacted.action(table, "compact");
            assertThat(expired.action(table, "expire").reason())
                    .as("%s", expired)
                    .isEqualTo("expired");
            assertThat(compaction.reason()).as("%s", compacted).isEqualTo("compacted");
            assertThat(compaction.effect("data_files_written"))
                    .as("%s", compacted)
                    .isEqualTo(1);
            assertThat(removed.lastAction(table).outcome()).as("%s", removed).isNotEqualTo("failed");
        }
        azurite.mirror(mirror);
        assertThat(rows("events")).isEqualTo(events).hasSize(8);
        assertThat(rows("clicks")).isEqualTo(clicks).hasSize(8);
        TreeSet<Path> needed = new TreeSet<>(reader("events").reachable());
        needed.addAll(reader("clicks").reachable());
        assertThat(needed).allMatch(Files::exists);
        TreeSet<String> superfluous = azurite.names();
        superfluous.removeIf(name -> known.contains(name) || needed.contains(mirror.resolve(name)));
        assertThat(superfluous).allMatch(name -> name.contains("/metadata/sink-staged-"));
        assertNoSecret(Azurite.KEY);
    }

    /** What an earlier run may have left is unknown there, and the report says so. */
    @Test
    void what_cannot_be_listed_is_told_and_not_swept() throws Exception {
        azurite.put("warehouse/web/events/data/orphan.parquet", "an orphan".getBytes(StandardCharsets.US_ASCII));
        TreeSet<String> names = azurite.names();
        Sink sink = sink(KEY, Azurite.KEY);

        Ended check = run(sink, "check", "--connect");
        Ended swept = run(sink, "orphans", "--delete", "--older-than", "24h", "--report", "json");
        Report settled = maintain(sink, "--dry-run");

        assertThat(check.exit()).as("%s", check).isEqualTo(21);
        assertThat(check.stdout()).containsPattern("list +FAILED").doesNotContainPattern("(read|put|delete) +FAILED");
        for (String table : List.of(ABFSS, WASBS)) {
            assertThat(swept.report().action(table).reason()).as("%s", swept).isEqualTo("storage-error");
            assertThat(swept.report().action(table).detail()).contains("nothing was deleted");
            assertThat(settled.action(table, "settle").reason())
                    .as("%s", settled)
                    .isEqualTo("cleanup-incomplete");
            assertThat(settled.action(table, "expire").detail()).contains("journals of earlier runs could not be read");
        }
        assertThat(azurite.names()).isEqualTo(names);
        assertThat(azurite.requests(400)).isNotEmpty().allMatch(request -> request.contains("?resource=filesystem"));
        assertNoSecret(Azurite.KEY);
    }

    @Test
    void a_token_serves_as_the_key_does() throws Exception {
        String token = Azurite.token("rwdlac");

        Ended verified = run(sink(TOKEN, token), "verify", "--report", "json");

        assertThat(verified.exit()).as("%s", verified).isZero();
        assertThat(verified.report().reasons()).containsEntry(ABFSS, "verified").containsEntry(WASBS, "verified");
        assertNoSecret(token);
    }

    /** Iceberg's module logs that a deletion was refused, and returns as if it had not been. */
    @Test
    void a_file_whose_deletion_was_refused_is_reported_as_left() throws Exception {
        TreeSet<String> names = azurite.names();
        String token = Azurite.token("rwlac");

        Report report = maintain(sink(TOKEN, token));

        for (String table : List.of(ABFSS, WASBS)) {
            Action expiry = report.action(table, "expire");
            assertThat(expiry.reason()).as("%s", report).isEqualTo("cleanup-incomplete");
            assertThat(expiry.deletedFiles()).as("%s", report).isEmpty();
            assertThat(expiry.leftFiles()).as("%s", report).hasSizeGreaterThan(5);
        }
        assertThat(azurite.names()).containsAll(names);
        assertNoSecret(token);
    }

    @Test
    void a_wrong_key_and_a_token_that_may_not_write_are_told_as_permissions() throws Exception {
        String wrong = Base64.getEncoder().encodeToString(new byte[64]);
        String token = Azurite.token("rl");

        Report keyed = maintain(sink(KEY, wrong), ABFSS);
        Report reading = maintain(sink(TOKEN, token), ABFSS);

        assertNoSecret(wrong);
        assertNoSecret(token);
        assertThat(keyed.action(ABFSS).reason()).as("%s", keyed).isEqualTo("permission-denied");
        assertThat(keyed.run().stderr()).doesNotContain("\tat ");
        assertThat(reading.action(ABFSS, "expire").reason()).as("%s", reading).isEqualTo("permission-denied");
    }

    @Test
    void tables_by_path_are_refused_there() throws Exception {
        Sink sink = sink(KEY, Azurite.KEY).configured("""
                version: 1
                catalogs:
                  paths: { type: path, warehouse: "%s" }
                """.formatted(Azurite.location("warehouse")));

        Ended ended = run(sink, "maintain", "--report", "json");

        assertThat(ended.exit()).as("%s", ended).isEqualTo(22);
        assertThat(ended.stdout()).contains("catalog-unreachable", "local disk and on S3 only");
    }

    @Test
    void a_missing_add_on_is_named() throws Exception {
        Report report = maintain(sink(KEY, Azurite.KEY).with("SINK_CLASSPATH", ""));

        for (String table : List.of(ABFSS, WASBS)) {
            assertThat(report.action(table).reason()).as("%s", report).isEqualTo("storage-error");
            assertThat(report.action(table).detail()).contains("org.apache.iceberg:iceberg-azure", "SINK_CLASSPATH");
        }
    }

    /** Two tables of the same rows, one under each of Azure's two names for a place. */
    private void make() throws Exception {
        Map<String, String> properties =
                new HashMap<>(SqliteCatalog.properties(Files.createDirectory(directory.resolve("lake"))));
        properties.put("warehouse", Azurite.location("warehouse"));
        properties.remove("io-impl");
        try (JdbcCatalog catalog = new JdbcCatalog(any -> new LocatedFileIO(this::locate), null, true)) {
            catalog.initialize("lake", properties);
            catalog.createNamespace(Namespace.of("web"));
            fill(catalog, "events", 2, Azurite.location("warehouse/web/events"));
            fill(catalog, "clicks", 3, Azurite.olderLocation("warehouse/web/clicks"));
        }
        azurite.putAll(mirror);
    }

    private static void fill(JdbcCatalog catalog, String name, int formatVersion, String location) throws IOException {
        new LakeTable(catalog.createTable(
                        Lake.id(name),
                        PathTable.SCHEMA,
                        PartitionSpec.unpartitioned(),
                        location,
                        Map.of("format-version", Integer.toString(formatVersion))))
                .append(1, 2)
                .append(3, 3)
                .replace(1, 2, 3, 4)
                .append(8)
                .appendAndDeleteFirst(4, 5, 6)
                .append(7);
    }

    private Sink sink(String authentication, String secret) throws Exception {
        return Sink.in(directory)
                .configured("""
                version: 1
                catalogs:
                  lake:
                    type: jdbc
                    uri: "jdbc:sqlite:./lake/catalog.db"
                    warehouse: %s
                    adls.connection-string.%s: "%s"
                    adls.connection-string.%s: "%3$s"
                    %s
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                  compact: { min-data-files: 3, min-input-files: 2, verify: full }
                """.formatted(
                                Azurite.location("warehouse"),
                                Azurite.DFS,
                                azurite.endpoint(),
                                Azurite.BLOB,
                                authentication.strip()))
                .with("AZURE_SECRET", secret)
                .with("SINK_CLASSPATH", Azurite.addOn());
    }

    private Ended run(Sink sink, String... args) throws Exception {
        Ended ended = sink.run(args);
        runs.add(ended);
        return ended;
    }

    private Report maintain(Sink sink, String... args) throws Exception {
        List<String> all = new ArrayList<>(List.of("maintain", "--report", "json"));
        all.addAll(List.of(args));
        return run(sink, all.toArray(String[]::new)).report();
    }

    private void assertNoSecret(String secret) {
        assertThat(runs)
                .isNotEmpty()
                .allSatisfy(ended ->
                        assertThat(ended.toString()).doesNotContain(secret, secret.substring(secret.length() - 40)));
    }

    private Path locate(String location) {
        return Azurite.locate(mirror, location);
    }

    private SecondReader reader(String table) {
        return Lake.reader(directory.resolve("lake/catalog.db"), "web", table, this::locate);
    }

    private List<String> rows(String table) {
        return reader(table).rows();
    }

    private Before before(String table) {
        return Before.of(mirror.resolve("warehouse/web").resolve(table), () -> reader(table), this::locate);
    }
}
