package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Faults;
import io.sink.testing.Faults.When;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ServiceFailureException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call of a compaction, on files and on the catalog, fails once and from then on, before and after its effect. After
 * each: every row is as it was, no needed file is gone or changed, the report says what is so, and no staged file is left
 * but those that the report lists, which the next run takes away.
 *
 * <p>System properties: {@code sink.faults.every}, one of how many file calls fails (3); 1 is every call. {@code sink.seed}.
 * {@code smoke/README.md} has what came of the full size.
 */
class CompactFaultsTest {
    private static final int EVERY = Integer.getInteger("sink.faults.every", 3);
    private static final long SEED = Long.getLong("sink.seed", System.nanoTime() & 0xffffffL);
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

    @Test
    void no_single_failure_on_deletion_vectors_loses_a_row_or_a_true_word() {
        run(3);
    }

    @Test
    void no_single_failure_on_position_deletes_loses_a_row_or_a_true_word() {
        run(2);
    }

    private void run(int formatVersion) {
        Schedules schedules = new Schedules(formatVersion);
        Faults countFiles = Faults.none();
        Faults countCatalog = Faults.none();
        ActionResult clean = schedules.compact(countCatalog, countFiles, Instant.now());
        assertThat(clean.reason()).as(clean.detail()).isEqualTo(Reason.COMPACTED);
        assertThat(clean.effect().get(Counter.DATA_FILES_REWRITTEN)).isEqualTo(3);
        schedules.before.restore();

        Random random = new Random(SEED);
        int count = 0;
        for (boolean always : new boolean[] {false, true}) {
            for (When when : When.values()) {
                for (int k = 1 + random.nextInt(EVERY); k <= countFiles.calls(); k += EVERY) {
                    for (var failure : FILE_FAILURES.entrySet()) {
                        count += schedules.run("files", k, always, when, failure.getKey(), failure.getValue());
                    }
                }
                for (int k = 1; k <= countCatalog.calls(); k++) {
                    for (var failure : CATALOG_FAILURES.entrySet()) {
                        count += schedules.run("catalog", k, always, when, failure.getKey(), failure.getValue());
                    }
                }
            }
        }
        System.out.printf(
                "compaction fault schedules, format v%d: %d (one of %d of %d file calls, %d catalog calls, seed %d),"
                        + " 0 violations%n",
                formatVersion, count, EVERY, countFiles.calls(), countCatalog.calls(), SEED);
    }

    private final class Schedules {
        private final PathTable table;
        private final SavedTree before;
        private final long snapshot;
        private final List<String> rows;

        Schedules(int formatVersion) {
            table = PathTable.create(warehouse, "v" + formatVersion, formatVersion, Map.of());
            table.delete(table.append(1, 2, 3), 1);
            table.append(4, 5);
            table.append(6, 6);
            before = SavedTree.of(warehouse);
            snapshot = table.currentSnapshot();
            rows = table.reader().rows();
        }

        int run(
                String where,
                int k,
                boolean always,
                When when,
                String kind,
                Function<String, RuntimeException> failure) {
            String name = "%s call %d, %s, %s, %s".formatted(where, k, always ? "always" : "once", when, kind);
            Faults faults = new Faults(k, always, when, failure);
            Instant start = Instant.now();

            ActionResult result = compact(
                    where.equals("catalog") ? faults : Faults.none(),
                    where.equals("files") ? faults : Faults.none(),
                    start);
            String said = name + " (" + faults.failed() + "): " + result;
            nothingNeededIsGone(said);
            theReportIsTrue(said, result);

            // Later than any lease: this process, which lives, wrote the journal.
            Instant later = start.plus(Duration.ofHours(25));
            ActionResult settled =
                    Compacting.settling().at(later).execute(table.load().operations());
            assertThat(settled.outcome()).as(said + " then " + settled).isIn(Outcome.DONE, Outcome.SKIPPED);
            nothingNeededIsGone(said);
            assertThat(unneeded()).as("left after " + said).isEmpty();
            before.restore();
            return 1;
        }

        ActionResult compact(Faults catalog, Faults files, Instant now) {
            return Compacting.small()
                    .at(now)
                    .execute(new FaultyOperations(table.load().operations(), catalog, files));
        }

        private boolean landed() {
            return table.currentSnapshot() != snapshot;
        }

        private void nothingNeededIsGone(String said) {
            SecondReader reader = table.reader();
            assertThat(reader.reachable()).as(said).allMatch(Files::exists);
            for (Path file : reader.files(snapshot)) {
                assertThat(before.intact(file)).as(file + " after " + said).isTrue();
            }
            if (landed()) {
                assertThat(reader.rows()).as(said).isEqualTo(rows);
            }
        }

        private void theReportIsTrue(String said, ActionResult result) {
            if (result.reason() == Reason.COMPACTED) {
                Snapshot current = table.load().currentSnapshot();
                assertThat(current.snapshotId()).as(said).isEqualTo(result.committedSnapshotId());
                assertThat(current.summary()).as(said).containsKey("sink.run-id");
            } else if (result.reason() != Reason.COMMIT_STATE_UNKNOWN) {
                assertThat(landed()).as(said).isFalse();
            }
            TreeSet<Path> leftBehind = unneeded();
            leftBehind.removeIf(file -> file.toString().contains("sink-staged"));
            List<String> listed = result.files().left();
            assertThat(leftBehind)
                    .as(said)
                    .allMatch(file -> listed.stream().anyMatch(left -> left.startsWith(file.toString())));
            if (result.outcome() == Outcome.DEFERRED || result.outcome() == Outcome.SKIPPED) {
                assertThat(unneeded()).as(said).isEmpty();
            }
            long gone = result.files().staged().stream()
                    .filter(file -> result.files().deleted().contains(file))
                    .filter(file -> !Files.exists(SecondReader.local(file)))
                    .count();
            assertThat(result.effect().get(Counter.STAGED_FILES_DELETED))
                    .as(said)
                    .isEqualTo(gone);
        }

        /** Files that nothing needs and that were not there before. */
        private TreeSet<Path> unneeded() {
            TreeSet<Path> files = SavedTree.files(warehouse);
            files.removeAll(table.reader().reachable());
            files.removeAll(before.files());
            return files.stream()
                    .filter(file -> !file.toString().endsWith(".metadata.json"))
                    .filter(file -> !file.toString().endsWith("version-hint.text"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
