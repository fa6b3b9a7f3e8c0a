package io.sink.verify;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Subject;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.table.ReadOnlyOperations;

/**
 * Looks at every file that a table reaches, compares manifests with their lists and summaries, and reads rows; changes
 * nothing.
 *
 * @ref LLP 0014#verify
 */
public final class VerifyAction implements Action<VerifyPolicy> {
    @Override
    public ActionName name() {
        return ActionName.VERIFY;
    }

    /** Never returns a plan: to look is all that it does. */
    @Override
    public Decision plan(Subject subject, VerifyPolicy policy) {
        Verification verification = new Verification(subject, new ReadOnlyOperations(subject.ops()));
        try {
            return new Decision.Stay(verification.of(policy.rows()));
        } catch (RuntimeException e) {
            return new Decision.Stay(ActionResult.of(
                    Failures.reason(e, Reason.STORAGE_ERROR), "not verified to the end: " + Failures.message(e)));
        }
    }
}
