package io.sink.metrics;

import io.sink.outcome.ActionName.Trait;
import io.sink.outcome.ActionReport;
import io.sink.outcome.Outcome;

/**
 * What counts as a success of an action on a table: what was due is done, or nothing was due.
 *
 * <p>A table that is above a cap, not supported or beaten in a race was not maintained, though nothing failed: its last
 * success grows old, and an alert on that age sees all of these. Loading a table, and settling what a dead run left,
 * are reported only if there is something to say: they have no success.
 *
 * @ref LLP 0017#success
 */
final class Success {
    private Success() {}

    static boolean is(ActionReport action) {
        return !action.action().is(Trait.HOUSEKEEPING)
                && (action.outcome() == Outcome.DONE || action.reason().isNothingDue());
    }
}
