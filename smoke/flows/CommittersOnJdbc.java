package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.JavaProcess;
import io.sink.testing.PathTable;
import io.sink.testing.Postgres;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import lib.Committer;
import lib.Lake;
import lib.Report;
import lib.Sink;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that commit to one table of a JDBC catalog while {@code sink} compacts it: every commit that was
 * acknowledged is in the history exactly once. {@code -Dsink.commits=N} is how many each process makes.
 */
class CommittersOnJdbc {
    private static final int PROCESSES = 3;
    private static final int COMMITS = Integer.getInteger("sink.commits", 25);

    @TempDir
    Path directory;

    @Test
    void on_postgres_each_commit_is_in_the_history_once() throws Exception {
        try (Postgres postgres = Postgres.start()) {
            String warehouse = directory.resolve("tables").toString();
            try (JdbcCatalog catalog = postgres.make("lake", warehouse, Map.of())) {
                race(catalog, postgres.properties(warehouse), """
                        lake: { type: jdbc, uri: "%s", warehouse: ./tables, jdbc.user: %s, jdbc.password: "${DB}" }
                        """.formatted(postgres.uri(), Postgres.USER));
            }
        }
    }

    @Test
    void on_sqlite_each_commit_is_in_the_history_once() throws Exception {
        Path tables = Files.createDirectory(directory.resolve("tables"));
        try (JdbcCatalog catalog = SqliteCatalog.make("lake", tables)) {
            race(catalog, SqliteCatalog.properties(tables), """
                    lake: { type: jdbc, uri: "jdbc:sqlite:./tables/catalog.db", warehouse: ./tables }
                    """);
        }
    }

    private void race(JdbcCatalog catalog, Map<String, String> properties, String configuration) throws Exception {
        catalog.createNamespace(Namespace.of("web"));
        catalog.createTable(
                Lake.id("events"),
                PathTable.SCHEMA,
                PartitionSpec.unpartitioned(),
                Map.of(
                        "format-version", "3",
                        "commit.retry.num-retries", "1000",
                        "commit.retry.min-wait-ms", "10",
                        "commit.retry.max-wait-ms", "200"));
        List<Process> committers = committers(properties);
        Sink sink = Sink.in(directory).with("DB", Postgres.PASSWORD).configured("""
                version: 1
                catalogs:
                  %s
                maintenance:
                  compact: { min-data-files: 2, min-input-files: 2, verify: full }
                """.formatted(configuration.strip()));
        List<String> reasons = new ArrayList<>();

        while (committers.stream().anyMatch(Process::isAlive)) {
            reasons.add(compact(sink).action("lake.web.events", "compact").reason());
        }
        Report last = compact(sink);

        List<Long> acknowledged = new ArrayList<>();
        for (Process committer : committers) {
            committer.errorReader().lines().forEach(System.err::println);
            assertThat(committer.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(committer.exitValue()).isZero();
            committer.inputReader().lines().map(Long::valueOf).forEach(acknowledged::add);
        }
        System.out.println("CommittersOnJdbc: " + acknowledged.size() + " commits, compactions: " + reasons);
        List<Long> all = LongStream.range(0, (long) PROCESSES * COMMITS).boxed().toList();
        assertThat(acknowledged).containsExactlyInAnyOrderElementsOf(all);
        BaseTable table = (BaseTable) catalog.loadTable(Lake.id("events"));
        assertThat(StreamSupport.stream(table.snapshots().spliterator(), false)
                        .map(Snapshot::summary)
                        .filter(summary -> summary.containsKey("row"))
                        .map(summary -> Long.valueOf(summary.get("row"))))
                .containsExactlyInAnyOrderElementsOf(all);
        assertThat(ancestors(table)).hasSameSizeAs(table.snapshots());
        SecondReader reader = SecondReader.of(
                SecondReader.local(table.operations().current().metadataFileLocation()), SecondReader::local);
        assertThat(reader.rows()).hasSize(all.size());
        assertThat(last.action("lake.web.events", "compact").reason())
                .isIn("compacted", "below-threshold", "nothing-to-rewrite");
    }

    private static List<Long> ancestors(BaseTable table) {
        List<Long> ancestors = new ArrayList<>();
        for (Snapshot at = table.currentSnapshot();
                at != null;
                at = at.parentId() == null ? null : table.snapshot(at.parentId())) {
            ancestors.add(at.snapshotId());
        }
        return ancestors;
    }

    private static Report compact(Sink sink) throws IOException, InterruptedException {
        Report report = sink.maintain("--compact");
        assertThat(report.exit()).as("%s", report).isIn(0, 12);
        return report;
    }

    private List<Process> committers(Map<String, String> properties) throws IOException {
        Properties written = new Properties();
        written.putAll(properties);
        Path file = directory.resolve("catalog.properties");
        try (var out = Files.newOutputStream(file)) {
            written.store(out, null);
        }
        List<Process> committers = new ArrayList<>();
        for (int process = 0; process < PROCESSES; process++) {
            committers.add(JavaProcess.of(
                            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                            Committer.class.getName(),
                            List.of(
                                    file.toString(),
                                    "events",
                                    Long.toString((long) process * COMMITS),
                                    Integer.toString(COMMITS)))
                    .start());
        }
        return committers;
    }
}
