package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.FaultyWire;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import lib.Before;
import lib.Place;
import lib.Places;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In every place where tables live: an expiry, a compaction, and a commit that is cut on the wire. Rows are exact, and no
 * file too many or too few is left. What came of it is the matrix in the README.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryPlace {
    private static final List<String> COLUMNS = List.of("catalog · storage", "expired", "compacted", "commit cut");

    /** What is cut on the wire, at the first commit; by name. */
    private static final Map<String, WireFault> FAULTS = new TreeMap<>(Map.of(
            "answer", WireFault.cutAnswer(7),
            "request", WireFault.cutRequest(300)));

    private final List<String> rows = new java.util.ArrayList<>();

    /** Starts a place in a directory of its own. */
    private interface Start {
        Place in(Path directory) throws Exception;
    }

    static Stream<Start> places() {
        return Stream.of(
                Places::pathOnDisk,
                Places::pathOnS3,
                Places::sqlite,
                Places::postgres,
                Places::restWithOwnKeys,
                Places::restWithVendedKeys);
    }

    @ParameterizedTest
    @MethodSource("places")
    void is_maintained_to_the_row_and_to_the_file(Start start, @TempDir Path directory) throws Exception {
        try (Place place = start.in(directory)) {
            Sink sink = place.sink(directory);
            rows.add("| %s | %s | %s | %s |"
                    .formatted(place, expired(place, sink), compacted(place, sink), cut(place, sink)));
        }
    }

    @AfterAll
    void the_matrix_in_the_readme_is_what_came_of_it() throws IOException {
        String table = "| " + String.join(" | ", COLUMNS) + " |\n" + "|---".repeat(COLUMNS.size()) + "|\n"
                + String.join("\n", rows) + "\n";
        Path home = Path.of(System.getProperty("sink.home", ""));
        Files.writeString(home.resolve("target/matrix.md"), table);

        assertThat(Files.readString(home.resolve("README.md")))
                .as("target/matrix.md is what came of it")
                .contains(table);
    }

    private static String expired(Place place, Sink sink) throws IOException, InterruptedException {
        place.create("old", 2)
                .appendAndDeleteFirst(1, 2, 3)
                .replace(4)
                .tag("kept")
                .replace(5)
                .append(6)
                .append(7)
                .append(8);
        Before before = place.before("old");

        Report dry = sink.maintain("--dry-run", place.fullName("old"));
        assertThat(before.gone()).isEmpty();
        Report done = sink.maintain(place.fullName("old"));

        Action action = done.action(place.fullName("old"));
        assertThat(action.reason()).as("%s", done).isEqualTo("expired");
        assertThat(action.deletedFiles())
                .isEqualTo(dry.action(place.fullName("old")).deletedFiles());
        before.assertMaintained(action);
        return "%d snapshots, %d files"
                .formatted(
                        action.effect("snapshots_expired"),
                        action.deletedFiles().size());
    }

    private static String compacted(Place place, Sink sink) throws IOException, InterruptedException {
        fragmented(place, "small");
        Kept kept = Kept.of(place, "small");

        Report done = sink.maintain("--compact", place.fullName("small"));

        Action action = done.action(place.fullName("small"), "compact");
        assertThat(action.reason()).as("%s", done).isEqualTo("compacted");
        kept.assertRows();
        kept.assertNothingSuperfluous();
        return "%d → %d files, %d rows"
                .formatted(
                        action.effect("data_files_rewritten"),
                        action.effect("data_files_written"),
                        action.effect("rows_written"));
    }

    private static void fragmented(Place place, String table) throws IOException {
        place.create(table, 3)
                .append(1, 2)
                .append(3, 3)
                .appendAndDeleteFirst(4, 5, 6)
                .append(7);
    }

    /** The first commit is cut; then a run finds a whole wire, and finishes what was left. */
    private static String cut(Place place, Sink sink) throws IOException, InterruptedException {
        FaultyWire wire = place.wire();
        if (wire == null) {
            return "no wire";
        }
        int schedules = 0;
        for (Map.Entry<String, WireFault> fault : FAULTS.entrySet()) {
            String table = "cut_" + fault.getKey();
            fragmented(place, table);
            Kept kept = Kept.of(place, table);
            AtomicInteger commits = new AtomicInteger();
            wire.plan(exchange ->
                    place.isCommit(exchange) && commits.getAndIncrement() == 0 ? fault.getValue() : WireFault.NONE);

            Report report = sink.maintain("--compact", place.fullName(table));

            assertThat(commits).as("%s %s", fault.getKey(), report).hasPositiveValue();
            String reason = report.action(place.fullName(table), "compact").reason();
            assertThat(reason)
                    .as("%s %s", fault.getKey(), report)
                    .isIn(
                            "compacted",
                            "commit-conflict",
                            "commit-state-unknown",
                            "catalog-unreachable",
                            "rewrite-error");
            kept.assertRows();

            wire.plan(exchange -> WireFault.NONE);
            Report next = sink.maintain("--compact", place.fullName(table));

            assertThat(next.exit()).as("%s %s", fault.getKey(), next).isZero();
            kept.assertRows();
            schedules++;
        }
        return schedules + " of " + FAULTS.size();
    }

    /** A table whose every snapshot's rows are to stay. */
    private record Kept(Place place, String table, Map<Long, List<String>> rows, List<String> now) {
        static Kept of(Place place, String table) {
            SecondReader reader = place.reader(table);
            Map<Long, List<String>> rows = new HashMap<>();
            reader.snapshots().forEach(snapshot -> rows.put(snapshot.id(), reader.rows(snapshot.id())));
            return new Kept(place, table, rows, reader.rows());
        }

        /** With lineage, since the table is of format version 3. */
        void assertRows() {
            SecondReader reader = place.reader(table);
            assertThat(reader.rows()).as(table).isEqualTo(now);
            for (SecondReader.Snapshot snapshot : reader.snapshots()) {
                List<String> before = rows.get(snapshot.id());
                assertThat(reader.rows(snapshot.id()))
                        .as(table + " at " + snapshot)
                        .isEqualTo(before == null ? now : before);
            }
            assertThat(reader.reachable()).allMatch(Files::exists);
        }

        void assertNothingSuperfluous() {
            TreeSet<Path> superfluous = SavedTree.files(place.directory(table));
            superfluous.removeAll(place.reader(table).reachable());
            superfluous.removeIf(
                    file -> file.toString().endsWith(".metadata.json") || file.endsWith("version-hint.text"));
            assertThat(superfluous).as(table).isEmpty();
        }
    }
}
