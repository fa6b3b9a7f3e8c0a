package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sink.catalog.RoutedFileIO;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.testing.Compacting;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.RestServer;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lib.Accounts;
import lib.Lake;
import lib.Report;
import lib.Sink;
import lib.Writers;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.rest.RESTCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Four appenders and a deleter at work on a table while it is compacted again and again, in this process and by the
 * program: every row is accounted for, and every race that a compaction lost is reported as such and leaves nothing.
 *
 * <p>System properties: {@code sink.soak}, seconds (20, half of it over REST); {@code sink.soak.append.ms} and
 * {@code sink.soak.delete.ms}, the longest pause of an appender (3000) and of the deleter (5000);
 * {@code sink.soak.attempts}, how often a compaction tries to commit (1).
 * {@code smoke/README.md} has the full size and what came of it.
 */
@ExtendWith(Seeds.Given.class)
class CompactionUnderWriters {
    private static final Duration SOAK = Duration.ofSeconds(Integer.getInteger("sink.soak", 20));
    private static final int DELETE_PAUSE = Integer.getInteger("sink.soak.delete.ms", 5000);
    private static final int APPEND_PAUSE = Integer.getInteger("sink.soak.append.ms", 3000);
    private static final int ATTEMPTS = Integer.getInteger("sink.soak.attempts", 1);
    private static final Set<String> EXPECTED = Set.of(
            "no-current-snapshot",
            "compacted",
            "commit-conflict",
            "below-threshold",
            "nothing-to-rewrite",
            "expired",
            "nothing-to-expire");

    @TempDir
    Path directory;

    @Test
    void every_row_is_accounted_for_in_a_sqlite_catalog(Seeds seeds) throws Exception {
        seeds.once("sink.soak", draws -> sqlite(draws.seed()));
    }

    private void sqlite(long seed) throws IOException, InterruptedException {
        try (Lake lake = make()) {
            Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);
            try (Writers writers = new Writers(() -> lake.catalog().loadTable(Lake.id("t")), seed)) {
                soak(lake, sink, writers, "jdbc", SqliteCatalog.properties(lake.directory()));
            }
        }
    }

    @Test
    void every_row_is_accounted_for_over_rest(Seeds seeds) throws Exception {
        seeds.once("sink.soak", draws -> rest(draws.seed()));
    }

    private void rest(long seed) throws IOException, InterruptedException {
        try (Lake lake = make();
                RestServer server = RestServer.start(lake.catalog());
                RESTCatalog rest = new RESTCatalog()) {
            Map<String, String> properties = Map.of(
                    CatalogProperties.URI, server.uri(), CatalogProperties.FILE_IO_IMPL, RoutedFileIO.class.getName());
            rest.initialize("lake", properties);
            Sink sink = Sink.in(directory).configured("""
                            version: 1
                            catalogs:
                              lake: { type: rest, uri: "%s" }
                            """.formatted(server.uri()));
            try (Writers writers = new Writers(() -> rest.loadTable(Lake.id("t")), seed)) {
                soak(lake, sink, writers, "rest", properties);
            }
        }
    }

    private Lake make() throws IOException {
        Lake lake = Lake.make(directory);
        // Writers that are to get on under contention try again soon, and often.
        // The metadata log names every version, so that what it does not name never became the table.
        lake.create(
                "t",
                3,
                Map.of(
                        "commit.retry.num-retries", "20",
                        "commit.retry.min-wait-ms", "10",
                        "write.metadata.previous-versions-max", "100000"));
        return lake;
    }

    private void soak(Lake lake, Sink sink, Writers writers, String type, Map<String, String> properties)
            throws IOException, InterruptedException {
        Map<String, Integer> reasons = new TreeMap<>();
        writers.fill(10);
        for (int i = 0; i < 4; i++) {
            writers.append(APPEND_PAUSE);
        }
        writers.delete(DELETE_PAUSE);
        long until = System.nanoTime() + SOAK.toNanos() / 2;
        try (TableSource source = OpenCatalogs.open("lake", type, properties, directory)) {
            for (int round = 0; System.nanoTime() < until && writers.failures().isEmpty(); round++) {
                String reason = round % 8 == 7
                        ? asProgram(sink)
                        : inProcess(Compacting.small()
                                .attempting(ATTEMPTS)
                                .execute(source.load(new TableRef("lake", List.of("web"), "t"))
                                        .operations()));
                reasons.merge(reason, 1, Integer::sum);
            }
        }
        writers.close();

        int conflicts = reasons.entrySet().stream()
                .filter(reason -> reason.getKey().startsWith("commit-conflict"))
                .mapToInt(Map.Entry::getValue)
                .sum();
        int commits = conflicts + reasons.getOrDefault("compacted", 0);
        System.out.printf(
                "soak over %s, %d s, %d attempts: %d appends of %d rows, %d deleted, %d deletions begun again;"
                        + " compactions %s; lost %d of %d commits, %.1f %%%n",
                type,
                SOAK.toSeconds() / 2,
                ATTEMPTS,
                writers.appends.get(),
                writers.appended.size(),
                writers.deleted.size(),
                writers.lost.get(),
                reasons,
                conflicts,
                commits,
                100.0 * conflicts / Math.max(1, commits));
        assertThat(writers.failures()).isEmpty();
        // However hard it was to win against the writers, without them it does.
        try (TableSource source = OpenCatalogs.open("lake", type, properties, directory)) {
            reasons.merge(
                    inProcess(Compacting.small()
                            .execute(source.load(new TableRef("lake", List.of("web"), "t"))
                                    .operations())),
                    1,
                    Integer::sum);
        }
        assertThat(reasons).containsKey("compacted");
        Accounts.assertRows(lake.reader("t"), writers);
        Accounts.assertNothingLeft(lake.reader("t"), lake.table("t"));
    }

    /** A compaction whose race is lost leaves no file that it staged. */
    private static String inProcess(ActionResult result) {
        assertThat(result.reason().code()).as("%s", result).isIn(EXPECTED);
        if (result.reason().code().equals("commit-conflict")) {
            assertThat(result.files().staged())
                    .as("%s", result)
                    .noneMatch(file -> Files.exists(SecondReader.local(file)));
            assertThat(result.files().left()).as("%s", result).isEmpty();
            assertThat(result.effect().get(Counter.FILES_LEFT)).isZero();
        }
        return told(result.reason().code(), result.detail());
    }

    /** A conflict by its kind, which its detail begins with. */
    private static String told(String reason, String detail) {
        return reason.equals("commit-conflict") ? reason + ": " + detail.replaceFirst(":.*", "") : reason;
    }

    private static String asProgram(Sink sink) throws IOException, InterruptedException {
        Report report = sink.maintain(
                "--compact",
                "--min-data-files",
                "2",
                "--min-input-files",
                "2",
                "--older-than",
                "0s",
                "--retain-last",
                "30",
                "--parallel",
                "2",
                "--commit-attempts",
                Integer.toString(ATTEMPTS));
        assertThat(report.exit()).as("%s", report).isZero();
        String compaction = "";
        for (JsonNode action : report.json().path("tables").path(0).path("actions")) {
            assertThat(action.path("reason").asText()).as("%s", report).isIn(EXPECTED);
            assertThat(action.path("left_files")).as("%s", report).isEmpty();
            if (action.path("action").asText().equals("compact")) {
                compaction = told(
                        action.path("reason").asText(), action.path("detail").asText());
            }
        }
        assertThat(compaction).as("%s", report).isNotEmpty();
        return compaction;
    }
}
