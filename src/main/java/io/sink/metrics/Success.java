package io.sink.metrics;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import java.util.EnumSet;
import java.util.Set;

/**
 * What counts as a success of an action on a table: what was due is done, or nothing was due.
 *
 * <p>A table that is above a cap, not supported or beaten in a race was not maintained, though nothing failed: its last
 * success grows old, and an alert on that age sees all of these. Getting at a table, and taking away what a dead run
 * left, are said only where there is something to say: they have none.
 *
 * @ref LLP 0017#success
 */
final class Success {
    private static final Set<Reason> NOTHING_DUE = EnumSet.of(
            Reason.NOTHING_TO_EXPIRE,
            Reason.BELOW_THRESHOLD,
            Reason.NOTHING_TO_REWRITE,
            Reason.NOTHING_TO_SETTLE,
            Reason.NO_CURRENT_SNAPSHOT,
            Reason.NO_ORPHANS,
            Reason.NO_DANGLING_DELETES);

    private Success() {}

    static boolean is(ActionReport action) {
        return action.action() != ActionName.LOAD
                && action.action() != ActionName.SETTLE
                && (action.outcome() == Outcome.DONE || NOTHING_DUE.contains(action.reason()));
    }
}
