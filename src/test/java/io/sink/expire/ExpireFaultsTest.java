package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.Faults;
import io.sink.testing.Faults.When;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call of an expiry, on files and on the catalog, fails once and from then on, before and after its effect. After
 * each: no file that a surviving snapshot needs is gone or changed, the report says what is so, and the next run takes
 * away the rest.
 *
 * <p>System properties: {@code sink.faults.every}, one of how many file calls fails; 1 is every call.
 */
@ExtendWith(Seeds.Given.class)
class ExpireFaultsTest {
    private static final Map<String, Function<String, RuntimeException>> FILE_FAILURES =
            Map.of("io", message -> new RuntimeIOException("%s", message));
    private static final Map<String, Function<String, RuntimeException>> CATALOG_FAILURES = Map.of(
            "conflict", message -> new CommitFailedException("%s", message),
            "unknown", message -> new CommitStateUnknownException(new IllegalStateException(message)),
            "forbidden", message -> new ForbiddenException("%s", message),
            "service", message -> new ServiceFailureException("%s", message),
            "bug", IllegalStateException::new);

    @TempDir
    Path warehouse;

    private PathTable table;
    private SavedTree before;
    private Set<Long> idsBefore;

    @BeforeEach
    void make_a_table_with_a_branch_a_tag_statistics_and_deletes() {
        table = PathTable.create(
                warehouse,
                "t",
                2,
                Map.of(
                        "commit.retry.num-retries", "2",
                        "commit.retry.min-wait-ms", "1",
                        "commit.retry.max-wait-ms", "2",
                        "write.metadata.delete-after-commit.enabled", "true",
                        "write.metadata.previous-versions-max", "8"));
        var first = table.append(1, 2, 3);
        table.statistics(table.currentSnapshot());
        table.delete(first, 1);
        table.load()
                .manageSnapshots()
                .createTag("kept", table.currentSnapshot())
                .commit();
        table.replace(10, 11);
        table.append(12);
        table.load()
                .manageSnapshots()
                .createBranch("audit", table.currentSnapshot())
                .commit();
        table.replace(13);
        table.delete(table.append(14, 15), 0);
        table.statistics(table.currentSnapshot());
        table.replace(20);
        table.append(21);
        table.statistics(table.currentSnapshot());
        table.append(22);
        before = SavedTree.of(warehouse);
        idsBefore = ids(table.load().operations().current());
    }

    @Test
    void no_single_failure_loses_a_needed_file_or_a_true_word(Seeds seeds) throws Exception {
        seeds.once("sink.faults.every", this::everyFailure);
    }

    private void everyFailure(Random random) {
        int every = Integer.getInteger("sink.faults.every", 3);
        Faults countFiles = Faults.none();
        Faults countCatalog = Faults.none();
        ActionResult clean = expire(table.load().operations(), countCatalog, countFiles, Instant.now());
        assertThat(clean.reason()).isEqualTo(Reason.EXPIRED);
        assertThat(clean.effect().get(Counter.SNAPSHOTS_EXPIRED)).isEqualTo(5);
        assertThat(clean.effect().get(Counter.DATA_FILES_DELETED)).isEqualTo(2);
        assertThat(clean.effect().get(Counter.DELETE_FILES_DELETED)).isEqualTo(1);
        assertThat(clean.effect().get(Counter.STATISTICS_FILES_DELETED)).isEqualTo(4);
        before.restore();

        int schedules = 0;
        for (boolean always : new boolean[] {false, true}) {
            for (When when : When.values()) {
                for (int k = 1 + random.nextInt(every); k <= countFiles.calls(); k += every) {
                    for (var failure : FILE_FAILURES.entrySet()) {
                        schedules += schedule("files", k, always, when, failure.getKey(), failure.getValue());
                    }
                }
                for (int k = 1; k <= countCatalog.calls(); k++) {
                    for (var failure : CATALOG_FAILURES.entrySet()) {
                        schedules += schedule("catalog", k, always, when, failure.getKey(), failure.getValue());
                    }
                }
            }
        }
        System.out.printf(
                "expiry fault schedules: %d (one of %d of %d file calls, %d catalog calls), 0 violations%n",
                schedules, every, countFiles.calls(), countCatalog.calls());
    }

    private int schedule(
            String where, int k, boolean always, When when, String kind, Function<String, RuntimeException> failure) {
        String name = "%s call %d, %s, %s, %s".formatted(where, k, always ? "always" : "once", when, kind);
        Faults faults = new Faults(k, always, when, failure);
        Faults catalog = where.equals("catalog") ? faults : Faults.none();
        Faults files = where.equals("files") ? faults : Faults.none();
        Instant start = Instant.now();

        ActionResult result = expire(table.load().operations(), catalog, files, start);
        String said = name + " (" + faults.failed() + "): " + result;
        nothingNeededIsGone(said);
        theReportIsTrue(said, result);

        // Later than any lease, so that a journal that was cut short counts as abandoned.
        Instant later = start.plus(Duration.ofHours(25));
        ActionResult settled =
                Compacting.settling().at(later).execute(table.load().operations());
        assertThat(settled.outcome()).as(said + " then " + settled).isIn(Outcome.DONE, Outcome.SKIPPED);
        ActionResult next = expire(table.load().operations(), Faults.none(), Faults.none(), later);
        assertThat(next.outcome()).as(said + " then " + next).isIn(Outcome.DONE, Outcome.SKIPPED);
        nothingNeededIsGone(said);
        expire(table.load().operations(), Faults.none(), Faults.none(), later);
        assertThat(SavedTree.files(warehouse)).as("left after " + said).isEqualTo(expectedFiles());
        before.restore();
        return 1;
    }

    /** What the surviving snapshots reach, and what is no business of an expiry: older metadata files, the hint. */
    private TreeSet<Path> expectedFiles() {
        TreeSet<Path> expected = new TreeSet<>(table.reader().reachable());
        SavedTree.files(warehouse).stream()
                .filter(file -> file.toString().endsWith("version-hint.text")
                        || file.toString().endsWith(".metadata.json"))
                .forEach(expected::add);
        return expected;
    }

    private void nothingNeededIsGone(String said) {
        SecondReader reader = table.reader();
        SortedSet<Path> needed = new TreeSet<>();
        reader.snapshots().forEach(snapshot -> needed.addAll(reader.files(snapshot.id())));
        for (Path file : needed) {
            assertThat(before.intact(file)).as(file + " after " + said).isTrue();
        }
        assertThat(reader.reachable()).as(said).allMatch(java.nio.file.Files::exists);
        assertThat(reader.snapshots().stream().flatMap(s -> s.refs().stream()))
                .as(said)
                .contains("main", "kept", "audit");
    }

    private void theReportIsTrue(String said, ActionResult result) {
        Set<Long> expired = new TreeSet<>(idsBefore);
        expired.removeAll(ids(table.load().operations().current()));
        boolean knows = result.reason() != Reason.COMMIT_STATE_UNKNOWN;
        if (knows) {
            assertThat(result.effect().get(Counter.SNAPSHOTS_EXPIRED)).as(said).isEqualTo(expired.size());
        }
        TreeSet<Path> gone = before.files();
        gone.removeAll(SavedTree.files(warehouse));
        List<Path> reported =
                result.files().deleted().stream().map(SecondReader::local).toList();
        assertThat(gone).as(said).containsAll(reported);
        assertThat(result.effect().filesDeleted()).as(said).isEqualTo(reported.size());
        if (result.outcome() == Outcome.DONE) {
            TreeSet<Path> unseen = new TreeSet<>(gone);
            reported.forEach(unseen::remove);
            assertThat(unseen)
                    .as(said)
                    .allMatch(file -> result.files().left().stream()
                            .anyMatch(
                                    left -> left.startsWith(file.toString()) && left.contains("cannot be looked at")));
            assertThat(SavedTree.files(warehouse))
                    .as(said)
                    .noneMatch(file -> file.toString().contains("sink-journal")
                            || file.toString().contains("sink-staged"));
        }
        if (result.outcome() == Outcome.SKIPPED || result.outcome() == Outcome.DEFERRED) {
            assertThat(expired).as(said).isEmpty();
            assertThat(gone).as(said).isEmpty();
        }
        if (result.outcome() == Outcome.FAILED) {
            assertThat(result.detail()).as(said).isNotEmpty();
        }
    }

    private static Set<Long> ids(TableMetadata metadata) {
        return metadata.snapshots().stream().map(s -> s.snapshotId()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static ActionResult expire(TableOperations ops, Faults catalog, Faults files, Instant now) {
        return Expiry.keeping(2).at(now).execute(new FaultyOperations(ops, catalog, files));
    }
}
