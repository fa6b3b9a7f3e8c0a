package io.sink.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.Faults.When;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ServiceFailureException;

/**
 * Every call of an action that commits a snapshot, on files and on the catalog, fails once and from then on, before and
 * after its effect. After each: every row is as it was, no needed file is gone or changed, the report says what is so,
 * and no staged file is left but those that the report lists, which the next run takes away.
 *
 * <p>System properties: {@code sink.faults.every}, one of how many file calls fails; 1 is every call.
 */
public final class CommitFaults {
    /**
     * Where only one of so many file calls fails, or fewer, one kind of failure for each call of the catalog has to do.
     */
    private static final int FEW_FROM = 7;

    private static final Map<String, Function<String, RuntimeException>> FILE_FAILURES =
            Map.of("io", message -> new RuntimeIOException("%s", message));
    /** By name, since what is drawn of them must not hang on the order of a hash map. */
    private static final SortedMap<String, Function<String, RuntimeException>> CATALOG_FAILURES = new TreeMap<>(Map.of(
            "conflict", message -> new CommitFailedException("%s", message),
            "unknown", message -> new CommitStateUnknownException(new IllegalStateException(message)),
            "forbidden", message -> new ForbiddenException("%s", message),
            "service", message -> new ServiceFailureException("%s", message),
            "bug", IllegalStateException::new));

    private final Path warehouse;
    private final PathTable table;
    private final BiFunction<TableOperations, Instant, ActionResult> action;
    private final Reason done;
    private final SavedTree before;
    private final long snapshot;
    private final List<String> rows;

    /**
     * @param table the only one in the warehouse, in the state in which every schedule begins
     * @param action does the action at a time
     * @param done what it ends with where nothing fails
     */
    public CommitFaults(
            Path warehouse, PathTable table, BiFunction<TableOperations, Instant, ActionResult> action, Reason done) {
        this.warehouse = warehouse;
        this.table = table;
        this.action = action;
        this.done = done;
        this.before = SavedTree.of(warehouse);
        this.snapshot = table.currentSnapshot();
        this.rows = table.reader().rows();
    }

    /**
     * Runs the schedules.
     *
     * @param standard one of how many file calls fails, unless a system property says so
     * @return the result of a run in which nothing failed
     */
    public ActionResult run(Seeds seeds, int standard) throws Exception {
        AtomicReference<ActionResult> clean = new AtomicReference<>();
        seeds.once("sink.faults.every", random -> clean.set(run(random, standard)));
        return Objects.requireNonNull(clean.get());
    }

    private ActionResult run(Random random, int standard) {
        int every = Integer.getInteger("sink.faults.every", standard);
        Faults countFiles = Faults.none();
        Faults countCatalog = Faults.none();
        ActionResult clean = act(countCatalog, countFiles, Instant.now());
        assertThat(clean.reason()).as(clean.detail()).isEqualTo(done);
        before.restore();

        int count = 0;
        for (boolean always : new boolean[] {false, true}) {
            for (When when : When.values()) {
                for (int k = 1 + random.nextInt(every); k <= countFiles.calls(); k += every) {
                    for (var failure : FILE_FAILURES.entrySet()) {
                        count += run("files", k, always, when, failure.getKey(), failure.getValue());
                    }
                }
                for (int k = 1; k <= countCatalog.calls(); k++) {
                    List<Map.Entry<String, Function<String, RuntimeException>>> kinds =
                            new ArrayList<>(CATALOG_FAILURES.entrySet());
                    Collections.shuffle(kinds, random);
                    for (var failure : kinds.subList(0, every >= FEW_FROM ? 1 : kinds.size())) {
                        count += run("catalog", k, always, when, failure.getKey(), failure.getValue());
                    }
                }
            }
        }
        System.out.printf(
                "fault schedules until %s, table %s: %d (one of %d of %d file calls, %d catalog calls),"
                        + " 0 violations%n",
                done.code(), table.location().getFileName(), count, every, countFiles.calls(), countCatalog.calls());
        return clean;
    }

    private int run(
            String where, int k, boolean always, When when, String kind, Function<String, RuntimeException> failure) {
        String name = "%s call %d, %s, %s, %s".formatted(where, k, always ? "always" : "once", when, kind);
        Faults faults = new Faults(k, always, when, failure);
        Instant start = Instant.now();

        ActionResult result = act(
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

    private ActionResult act(Faults catalog, Faults files, Instant now) {
        return action.apply(new FaultyOperations(table.load().operations(), catalog, files), now);
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
        if (result.reason() == done) {
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
        assertThat(result.effect().get(Counter.STAGED_FILES_DELETED)).as(said).isEqualTo(gone);
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
