package io.sink.run;

import io.sink.catalog.Gate;
import io.sink.catalog.TableRef;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.TableReport;
import io.sink.outcome.TableState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far the work on a table has come, so that this can be reported if the table is given up. */
final class TableSoFar {
    private final TableRef ref;
    private final String rule;
    private final Gate gate = new Gate();
    private final List<ActionReport> actions = new ArrayList<>();
    private @Nullable String uuid;
    private @Nullable TableState before;
    private @Nullable ActionName acting;
    private long begunAt = System.nanoTime();

    /** @param rule by which the table's policy was found */
    TableSoFar(TableRef ref, String rule) {
        this.ref = ref;
        this.rule = rule;
    }

    /** The gate that everything that is done to the table goes through. */
    Gate gate() {
        return gate;
    }

    synchronized void loaded(@Nullable String tableUuid, TableState state) {
        uuid = tableUuid;
        before = state;
    }

    /** @throws Gate.ClosedException if the table was given up */
    synchronized void begin(ActionName action) {
        gate.nextAction();
        acting = action;
        begunAt = System.nanoTime();
    }

    /** The action at work has ended; without a result it is not reported. */
    synchronized void end(@Nullable ActionResult result) {
        if (result != null && acting != null) {
            actions.add(new ActionReport(acting, result, Duration.ofNanos(System.nanoTime() - begunAt)));
        }
        acting = null;
    }

    synchronized TableReport report(@Nullable TableState after) {
        return new TableReport(ref.fullName(), ref.catalog(), uuid, rule, before, after, List.copyOf(actions));
    }

    /** @param result the result of the action at work, if there is one */
    synchronized TableReport givenUp(ActionResult result) {
        if (acting != null || actions.isEmpty()) {
            acting = acting == null ? ActionName.LOAD : acting;
            end(result);
        }
        return report(null);
    }
}
