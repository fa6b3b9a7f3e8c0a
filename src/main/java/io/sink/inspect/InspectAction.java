package io.sink.inspect;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Subject;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Reason;
import io.sink.table.Failures;

/**
 * Says how a table is; changes nothing. What each action would do to it, the actions' own plans say beside.
 *
 * @ref LLP 0014#inspect
 */
public final class InspectAction implements Action<Object> {
    @Override
    public ActionName name() {
        return ActionName.INSPECT;
    }

    /** Never a plan: to look is all there is. */
    @Override
    public Decision plan(Subject subject, Object anyPolicy) {
        try {
            return new Decision.Stay(new ActionResult(
                    Reason.INSPECTED,
                    "",
                    Effect.NONE,
                    ActionResult.Files.NONE,
                    null,
                    Findings.of(new Look(subject).inspection())));
        } catch (RuntimeException e) {
            return new Decision.Stay(
                    ActionResult.of(Failures.reason(e, Reason.METADATA_UNREADABLE), Failures.message(e)));
        }
    }
}
