package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import io.sink.testing.RestServer.Interceptor.Answer;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lib.Before;
import lib.Lake;
import lib.LakeTable;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Transaction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five hundred tables behind one catalog, three of them in trouble: the others are maintained, the three are named. */
class FiveHundredTables {
    private static final int TABLES = 500;
    /** Every so many tables are read row by row, all of them file by file. */
    private static final int SAMPLE = 20;

    private static final String UNREACHABLE = "t123";
    private static final String BROKEN = "t250";
    private static final String FORBIDDEN = "t377";

    @TempDir
    Path directory;

    private Lake lake;
    private RestServer server;

    @BeforeEach
    void serve_five_hundred_tables() throws IOException {
        // readers and the writer do not wait for each other, nor any of them for the disk
        lake = Lake.make(directory, Map.of("jdbc.journal_mode", "WAL", "jdbc.synchronous", "OFF"));
        for (int i = 0; i < TABLES; i++) {
            make(i);
        }
        server = RestServer.start(lake.catalog());
        server.intercept(new Interceptor() {
            @Override
            public Answer before(String method, String path) {
                if (path.endsWith("/tables/" + UNREACHABLE)) {
                    return Answer.DROP;
                }
                return path.endsWith("/tables/" + FORBIDDEN) ? Answer.status(403, "ForbiddenException") : Answer.PASS;
            }
        });
    }

    /** Three snapshots in one commit to the catalog: two rows, another, and the first file replaced. */
    private void make(int number) throws IOException {
        Transaction creation = lake.catalog()
                .buildTable(Lake.id(name(number)), PathTable.SCHEMA)
                .createTransaction();
        new LakeTable(creation.table())
                .append(number, number + 1)
                .replace(number + 2)
                .append(number + 3);
        creation.commitTransaction();
    }

    private static String name(int number) {
        return "t%03d".formatted(number);
    }

    @AfterEach
    void close() {
        server.close();
        lake.close();
    }

    @Test
    void the_healthy_are_maintained_and_the_three_are_named_with_their_reasons()
            throws IOException, InterruptedException {
        Map<String, Before> sampled = new TreeMap<>();
        for (int i = 0; i < TABLES; i += SAMPLE) {
            sampled.put(name(i), lake.before(name(i)));
        }
        SortedSet<Path> files = SavedTree.files(web());
        Sink sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  lake: { type: rest, uri: "%s", rest.client.max-retries: 1 }
                maintenance:
                  expire: { older-than: 0s, retain-last: 1 }
                """.formatted(server.uri()));

        long start = System.nanoTime();
        // The catalog's pointer leads nowhere: of all broken metadata the one that the server does not retry for 90 s.
        Path metadata = SecondReader.local(((BaseTable) lake.catalog().loadTable(Lake.id(BROKEN)))
                .operations()
                .current()
                .metadataFileLocation());
        Path aside = Files.move(metadata, directory.resolve("aside.json"));
        Report report = sink.maintain("--parallel", "2");
        Files.move(aside, metadata);
        System.out.printf("500 tables: %.1f s%n", (System.nanoTime() - start) / 1e9);

        assertThat(report.exit()).isEqualTo(20);
        assertThat(report.total("tables")).isEqualTo(TABLES);
        assertThat(report.total("done")).isEqualTo(TABLES - 3);
        assertThat(report.total("failed")).isEqualTo(3);
        assertThat(report.actions().values().stream()
                        .filter(action -> action.outcome().equals("failed"))
                        .collect(Collectors.toMap(Action::table, Action::reason)))
                .isEqualTo(Map.of(
                        "lake.web." + UNREACHABLE, "catalog-unreachable",
                        "lake.web." + BROKEN, "metadata-unreadable",
                        "lake.web." + FORBIDDEN, "permission-denied"));
        assertThat(report.actions().values())
                .filteredOn(action -> action.outcome().equals("failed"))
                .allMatch(action -> !action.detail().isBlank());
        sampled.forEach((name, before) -> before.assertMaintained(report.action("lake.web." + name)));
        SortedSet<Path> gone = new TreeSet<>(files);
        gone.removeAll(SavedTree.files(web()));
        assertThat(report.actions().values().stream()
                        .flatMap(action -> action.deletedFiles().stream())
                        .map(SecondReader::local))
                .containsExactlyInAnyOrderElementsOf(gone);
        SortedSet<Path> reachable = new TreeSet<>();
        for (int i = 0; i < TABLES; i++) {
            String name = name(i);
            SecondReader reader = lake.reader(name);
            boolean failed = report.action("lake.web." + name).outcome().equals("failed");
            assertThat(reader.snapshots()).as(name).hasSize(failed ? 3 : 1);
            reachable.addAll(reader.reachable());
        }
        assertThat(SavedTree.files(web())).isEqualTo(reachable);
        assertThat(report.json()
                        .path("totals")
                        .path("effect")
                        .path("data_files_deleted")
                        .asInt())
                .isEqualTo(TABLES - 3);

        server.intercept(new Interceptor() {});
        Report next = sink.maintain("--parallel", "2", "--report-file", "next.json");

        assertThat(next.exit()).isZero();
        assertThat(next.actions().values().stream()
                        .map(Action::reason)
                        .collect(Collectors.groupingBy(r -> r, Collectors.counting())))
                .isEqualTo(Map.of("expired", 3L, "nothing-to-expire", TABLES - 3L));
        Map<String, Long> maintained = Trees.contents(web());
        assertThat(sink.maintain("lake.web.t00*", "lake.web." + BROKEN)
                        .reasons()
                        .values())
                .containsOnly("nothing-to-expire");
        assertThat(Trees.contents(web())).isEqualTo(maintained);
    }

    private Path web() {
        return lake.directory().resolve("web");
    }
}
