package io.sink.orphans;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Outcome;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.testing.Faults;
import io.sink.testing.Faults.When;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Sweeping;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call of a sweep, on files and on the catalog, fails once and from then on, before and after its effect. After
 * each: no file is gone but an orphan, the report says which went, and the next sweep takes the rest.
 */
class OrphanFaultsTest {
    private static final Map<String, Function<String, RuntimeException>> FAILURES = Map.of(
            "refusal", message -> new ForbiddenException("%s", message),
            "absence", message -> new NotFoundException("%s", message),
            "failure", message -> new RuntimeIOException("%s", message));

    @TempDir
    Path warehouse;

    private PathTable table;
    private SavedTree before;
    private final TreeSet<Path> orphans = new TreeSet<>();

    @BeforeEach
    void make() {
        table = PathTable.create(warehouse, "t", 3, Map.of());
        DataFile file = table.append(1, 2, 3);
        table.delete(file, 1);
        table.replace(4);
        table.statistics(table.currentSnapshot());
        PathTable nested = PathTable.create(table.location().resolve("data"), "nested", 2, Map.of());
        nested.append(9);
        StagedFiles staged =
                new StagedFiles(table.load().operations(), "01DEAD", Owner.current(), InstantSource.system());
        Path uncommitted = table.location().resolve("data/staged.parquet");
        staged.announce(uncommitted.toString());
        Sweeping.plant(uncommitted);
        Sweeping.age(warehouse);
        for (String orphan :
                List.of("data/a.parquet", "data/p=1/b.parquet", "metadata/c.avro", "metadata/d.metadata.json")) {
            orphans.add(Sweeping.plant(table.location().resolve(orphan)));
        }
        // what does not say whose it is stays
        orphans.remove(table.location().resolve("metadata/d.metadata.json"));
        before = SavedTree.of(warehouse);
    }

    @Test
    void no_fault_takes_a_file_that_is_no_orphan_or_makes_the_count_wrong() {
        Faults countFiles = Faults.none();
        Faults countCatalog = Faults.none();
        ActionResult clean = sweep(countCatalog, countFiles);
        assertThat(clean.effect().get(Counter.ORPHAN_FILES_DELETED)).isEqualTo(orphans.size());
        restore();

        int schedules = 0;
        for (boolean always : new boolean[] {false, true}) {
            for (When when : When.values()) {
                for (var failure : FAILURES.entrySet()) {
                    for (int k = 1; k <= countFiles.calls(); k++) {
                        Faults faults = new Faults(k, always, when, failure.getValue());
                        schedules += schedule(Faults.none(), faults, k, always, when, failure.getKey());
                    }
                    for (int k = 1; k <= countCatalog.calls(); k++) {
                        Faults faults = new Faults(k, always, when, failure.getValue());
                        schedules += schedule(faults, Faults.none(), k, always, when, failure.getKey());
                    }
                }
            }
        }
        System.out.printf(
                "sweep fault schedules: %d (%d file calls, %d catalog calls), 0 violations%n",
                schedules, countFiles.calls(), countCatalog.calls());
    }

    private int schedule(Faults catalog, Faults files, int k, boolean always, When when, String kind) {
        ActionResult result = sweep(catalog, files);

        String said = "call %d, %s, %s, %s (%s, %s): %s"
                .formatted(k, always ? "always" : "once", when, kind, catalog.failed(), files.failed(), result);
        TreeSet<Path> gone = before.files();
        gone.removeAll(SavedTree.files(warehouse));
        assertThat(orphans).as(said).containsAll(gone);
        assertThat(table.reader().reachable()).as(said).allMatch(java.nio.file.Files::exists);
        List<Path> reported =
                result.files().deleted().stream().map(SecondReader::local).toList();
        assertThat(gone).as(said).containsAll(reported);
        assertThat(result.effect().get(Counter.ORPHAN_FILES_DELETED)).as(said).isEqualTo(reported.size());
        // what went unreported is among the left, since it could not be looked at, or went before it was looked at
        TreeSet<Path> unseen = new TreeSet<>(gone);
        reported.forEach(unseen::remove);
        assertThat(unseen)
                .as(said)
                .allMatch(file -> result.files().left().stream().anyMatch(left -> left.startsWith(file.toString())));
        if (result.outcome() == Outcome.SKIPPED) {
            assertThat(gone).as(said).isEmpty();
        }
        if (result.outcome() == Outcome.FAILED) {
            assertThat(result.detail()).as(said).isNotEmpty();
        }
        sweep(Faults.none(), Faults.none());
        TreeSet<Path> expected = before.files();
        expected.removeAll(orphans);
        assertThat(SavedTree.files(warehouse)).as("left after " + said).isEqualTo(expected);
        restore();
        return 1;
    }

    private void restore() {
        before.restore();
        Sweeping.age(warehouse);
    }

    private ActionResult sweep(Faults catalog, Faults files) {
        return Sweeping.all().execute(new FaultyOperations(table.load().operations(), catalog, files));
    }
}
