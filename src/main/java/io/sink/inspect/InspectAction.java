package io.sink.inspect;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.StoppedException;
import io.sink.action.Subject;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Reason;
import io.sink.table.Failures;

/**
 * Describes the state of a table; changes nothing. What each action would do to it is left to the actions' own plans.
 *
 * @ref LLP 0014#inspect
 */
public final class InspectAction implements Action<Object> {
    @Override
    public ActionName name() {
        return ActionName.INSPECT;
    }

    /** Never returns a plan: to look is all that it does. */
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
        } catch (StoppedException e) {
            return new Decision.Stay(
                    subject.stop().stopped()
                            ? ActionResult.of(Reason.INTERRUPTED, "stopped while looking")
                            : ActionResult.of(Reason.DEADLINE_REACHED, "not looked at before the deadline"));
        } catch (RuntimeException e) {
            return new Decision.Stay(
                    ActionResult.of(Failures.reason(e, Reason.METADATA_UNREADABLE), Failures.message(e)));
        }
    }
}
