package io.sink.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.testing.Acting;
import io.sink.testing.Compacting;
import io.sink.testing.Faults;
import io.sink.testing.Faults.When;
import io.sink.testing.FaultyOperations;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call of a rollback fails, on files and on the catalog, before and after its effect, once and from then on. */
class RollbackFaultsTest {
    private static final Map<String, Function<String, RuntimeException>> KINDS = Map.of(
            "io", message -> new RuntimeIOException("%s", message),
            "conflict", message -> new CommitFailedException("%s", message),
            "unknown", message -> new CommitStateUnknownException(new IllegalStateException(message)),
            "forbidden", message -> new ForbiddenException("%s", message),
            "bug", IllegalStateException::new);

    @TempDir
    Path warehouse;

    private PathTable table;
    private long early;
    private long head;
    private Set<Path> needed;

    @BeforeEach
    void make() {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1, 2);
        early = table.currentSnapshot();
        table.append(3);
        table.replace(4);
        head = table.currentSnapshot();
        needed = table.reader().reachable();
    }

    @Test
    void no_single_failure_loses_a_file_or_a_true_word() {
        SavedTree before = SavedTree.of(warehouse);
        Faults files = Faults.none();
        Faults catalog = Faults.none();
        assertThat(roll(catalog, files).reason()).isEqualTo(Reason.ROLLED_BACK);
        before.restore();

        KINDS.forEach((kind, failure) -> {
            for (boolean always : new boolean[] {false, true}) {
                for (When when : When.values()) {
                    for (int call = 1; call <= catalog.calls(); call++) {
                        Faults fault = new Faults(call, always, when, failure);
                        holds(kind + " of catalog call " + call + " " + when + always, roll(fault, Faults.none()));
                        before.restore();
                    }
                    for (int call = 1; call <= files.calls(); call++) {
                        Faults fault = new Faults(call, always, when, failure);
                        holds(kind + " of file call " + call + " " + when + always, roll(Faults.none(), fault));
                        before.restore();
                    }
                }
            }
        });
    }

    private ActionResult roll(Faults catalog, Faults files) {
        return Acting.of(new RollbackAction(), new RollbackPolicy(early, "main"))
                .execute(new FaultyOperations(table.load().operations(), catalog, files));
    }

    private void holds(String name, ActionResult result) {
        String said = name + ": " + result;
        assertThat(needed).as(said).allMatch(Files::exists);
        assertThat(table.currentSnapshot()).as(said).isIn(early, head);
        if (result.reason() == Reason.ROLLED_BACK) {
            assertThat(table.currentSnapshot()).as(said).isEqualTo(early);
        } else if (result.reason() == Reason.CLEANUP_INCOMPLETE) {
            assertThat(result.files().left()).as(said).isNotEmpty();
        } else if (result.reason() != Reason.COMMIT_STATE_UNKNOWN) {
            assertThat(table.currentSnapshot()).as(said).isEqualTo(head);
        }
        // Nobody does later what was not done: no such end is a skip, and none with files left is a success.
        assertThat(result.outcome()).as(said).isIn(Outcome.DONE, Outcome.FAILED);
        assertThat(result.outcome() == Outcome.DONE && !result.files().left().isEmpty())
                .as(said)
                .isFalse();
        ActionResult settled = Compacting.settling()
                .at(Instant.now().plus(Duration.ofHours(25)))
                .execute(table.load().operations());
        assertThat(settled.outcome()).as(said + " then " + settled).isIn(Outcome.DONE, Outcome.SKIPPED);
        assertThat(needed).as(said).allMatch(Files::exists);
        assertThat(SavedTree.files(warehouse))
                .as(said)
                .noneMatch(file -> file.toString().contains("sink-staged"));
    }
}
