package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.FaultyWire;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Sweeping;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import lib.Before;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import lib.Site;
import lib.Sites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In every place where tables live: an expiry, a compaction, and a commit that is cut on the wire. Rows are exact, and
 * no file too many or too few is left. What came of it is the matrix in {@code src/docs/catalogs.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryPlace {
    private static final List<String> COLUMNS = List.of("catalog · storage", "expired", "compacted", "commit cut");

    /** What is cut on the wire, at the first commit; by name. */
    private static final Map<String, WireFault> FAULTS = new TreeMap<>(Map.of(
            "answer", WireFault.cutAnswer(7),
            "request", WireFault.cutRequest(300)));

    /** One without a catalog and one with, on storage that is no disk. */
    private static final Set<String> LOOKED_AT = Set.of("none (by path) · S3", "REST, OAuth2 · S3, vended keys");

    private final List<String> rows = new ArrayList<>();

    /** Starts a place in a directory of its own. */
    private interface Start {
        Site in(Path directory) throws Exception;
    }

    static Stream<Start> places() {
        return Stream.of(
                Sites::pathOnDisk,
                Sites::pathOnS3,
                Sites::sqlite,
                Sites::postgres,
                Sites::restWithOwnKeys,
                Sites::restWithVendedKeys);
    }

    @ParameterizedTest
    @MethodSource("places")
    void is_maintained_to_the_row_and_to_the_file(Start start, @TempDir Path directory) throws Exception {
        try (Site site = start.in(directory)) {
            Sink sink = site.sink(directory);
            rows.add("| %s | %s | %s | %s |"
                    .formatted(site, expired(site, sink), compacted(site, sink), cut(site, sink)));
            if (LOOKED_AT.contains(site.toString())) {
                otherwise(site, sink);
            }
        }
    }

    @AfterAll
    void the_matrix_in_the_docs_is_what_came_of_it() throws IOException {
        if (rows.size() < places().count()) {
            return; // some were left out, or have failed already
        }
        String table = "| " + String.join(" | ", COLUMNS) + " |\n" + "|---".repeat(COLUMNS.size()) + "|\n"
                + String.join("\n", rows) + "\n";
        Path home = Path.of(System.getProperty("sink.home", ""));
        Files.writeString(home.resolve("target/matrix.md"), table);

        assertThat(Files.readString(home.resolve("src/docs/catalogs.md")))
                .as("target/matrix.md is what came of it")
                .contains(table);
    }

    private static String expired(Site site, Sink sink) throws IOException, InterruptedException {
        site.create("old", 2)
                .appendAndDeleteFirst(1, 2, 3)
                .replace(4)
                .tag("kept")
                .replace(5)
                .append(6)
                .append(7)
                .append(8);
        Before before = site.before("old");

        Report dry = sink.maintain("--dry-run", site.fullName("old"));
        assertThat(before.gone()).isEmpty();
        Report done = sink.maintain(site.fullName("old"));

        Action action = done.action(site.fullName("old"));
        assertThat(action.reason()).as("%s", done).isEqualTo("expired");
        assertThat(action.deletedFiles())
                .isEqualTo(dry.action(site.fullName("old")).deletedFiles());
        before.assertMaintained(action);
        return "%d snapshots, %d files"
                .formatted(
                        action.effect("snapshots_expired"),
                        action.deletedFiles().size());
    }

    private static String compacted(Site site, Sink sink) throws IOException, InterruptedException {
        fragmented(site, "small");
        Kept kept = Kept.of(site, "small");

        Report done = sink.maintain("--compact", site.fullName("small"));

        Action action = done.action(site.fullName("small"), "compact");
        assertThat(action.reason()).as("%s", done).isEqualTo("compacted");
        kept.assertRows();
        kept.assertNothingSuperfluous();
        return "%d → %d files, %d rows"
                .formatted(
                        action.effect("data_files_rewritten"),
                        action.effect("data_files_written"),
                        action.effect("rows_written"));
    }

    /** What else there is to be done or said, on a table of which one delete dangles and one file is an orphan. */
    private static void otherwise(Site site, Sink sink) throws IOException, InterruptedException {
        site.create("other", 3).append(1, 2).append(3).deleteTooLate(4).append(5);
        Kept kept = Kept.of(site, "other");
        String name = site.fullName("other");

        Report metadata =
                sink.maintain("--remove-dangling-deletes", "--rewrite-manifests", "--min-manifests", "2", name);
        Path orphan = Sweeping.plant(site.directory("other").resolve("data/left-by-a-writer.parquet"));
        Report swept = sink.run("orphans", "--delete", "--report", "json", name).report();
        Report verified = sink.run("verify", "--report", "json", name).report();
        Report inspected = sink.run("inspect", "--report", "json", name).report();

        assertThat(metadata.action(name, "remove-dangling-deletes").reason())
                .as("%s", metadata)
                .isEqualTo("dangling-deletes-removed");
        assertThat(metadata.action(name, "rewrite-manifests").reason())
                .as("%s", metadata)
                .isEqualTo("manifests-rewritten");
        assertThat(swept.action(name, "orphans").reason()).as("%s", swept).isEqualTo("orphans-deleted");
        assertThat(orphan).doesNotExist();
        assertThat(verified.action(name, "verify").reason()).as("%s", verified).isEqualTo("verified");
        assertThat(inspected.action(name, "inspect").reason())
                .as("%s", inspected)
                .isEqualTo("inspected");
        kept.assertRows();
        kept.assertNothingSuperfluous();
    }

    private static void fragmented(Site site, String table) throws IOException {
        site.create(table, 3)
                .append(1, 2)
                .append(3, 3)
                .appendAndDeleteFirst(4, 5, 6)
                .append(7);
    }

    /** The first commit is cut; then a run finds a whole wire, and finishes what was left. */
    private static String cut(Site site, Sink sink) throws IOException, InterruptedException {
        FaultyWire wire = site.wire();
        if (wire == null) {
            return "no wire";
        }
        List<String> ends = new ArrayList<>();
        for (Map.Entry<String, WireFault> fault : FAULTS.entrySet()) {
            String table = "cut_" + fault.getKey();
            fragmented(site, table);
            Kept kept = Kept.of(site, table);
            AtomicInteger commits = new AtomicInteger();
            wire.plan(exchange ->
                    site.isCommit(exchange) && commits.getAndIncrement() == 0 ? fault.getValue() : WireFault.NONE);

            // Nothing is old enough to expire, so that it is the compaction's commit that is cut
            Report report = sink.maintain("--compact", "--older-than", "365d", site.fullName(table));

            assertThat(commits).as("%s %s", fault.getKey(), report).hasPositiveValue();
            assertThat(report.action(site.fullName(table), "expire").reason()).isEqualTo("nothing-to-expire");
            String reason = report.action(site.fullName(table), "compact").reason();
            assertThat(reason)
                    .as("%s %s", fault.getKey(), report)
                    .isIn("compacted", "commit-conflict", "commit-state-unknown", "catalog-unreachable");
            kept.assertRows();
            if (!reason.equals("commit-state-unknown")) {
                assertThat(kept.isRewritten())
                        .as("%s %s", fault.getKey(), report)
                        .isEqualTo(reason.equals("compacted"));
                kept.assertNothingSuperfluous();
            }

            wire.plan(exchange -> WireFault.NONE);
            Report next = sink.maintain("--compact", site.fullName(table));

            assertThat(next.exit()).as("%s %s", fault.getKey(), next).isZero();
            kept.assertRows();
            ends.add(fault.getKey() + ": " + reason);
        }
        return String.join(", ", ends);
    }

    /** A table whose every snapshot's rows are to stay. */
    private record Kept(Site site, String table, Map<Long, List<String>> rows, List<String> now) {
        static Kept of(Site site, String table) {
            SecondReader reader = site.reader(table);
            Map<Long, List<String>> rows = new HashMap<>();
            reader.snapshots().forEach(snapshot -> rows.put(snapshot.id(), reader.rows(snapshot.id())));
            return new Kept(site, table, rows, reader.rows());
        }

        /** With lineage, since the table is of format version 3. */
        void assertRows() {
            SecondReader reader = site.reader(table);
            assertThat(reader.rows()).as(table).isEqualTo(now);
            for (SecondReader.Snapshot snapshot : reader.snapshots()) {
                List<String> before = rows.get(snapshot.id());
                assertThat(reader.rows(snapshot.id()))
                        .as(table + " at " + snapshot)
                        .isEqualTo(before == null ? now : before);
            }
            assertThat(reader.reachable()).allMatch(Files::exists);
        }

        /** Whether there is a snapshot that was not there. */
        boolean isRewritten() {
            return site.reader(table).snapshots().stream().anyMatch(snapshot -> !rows.containsKey(snapshot.id()));
        }

        void assertNothingSuperfluous() {
            TreeSet<Path> superfluous = SavedTree.files(site.directory(table));
            superfluous.removeAll(site.reader(table).reachable());
            superfluous.removeIf(
                    file -> file.toString().endsWith(".metadata.json") || file.endsWith("version-hint.text"));
            assertThat(superfluous).as(table).isEmpty();
        }
    }
}
