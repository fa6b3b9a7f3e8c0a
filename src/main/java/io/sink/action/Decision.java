package io.sink.action;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.Failures;
import java.util.function.Supplier;
import org.apache.iceberg.exceptions.RuntimeIOException;

/** What an action decided after it looked at a table. */
public sealed interface Decision {

    /** There is something to do. */
    record Go(Plan plan) implements Decision {}

    /** There is nothing to do, or it must not or cannot be done; the result says why. */
    record Stay(ActionResult result) implements Decision {}

    /** Nothing is to be done, for this reason. */
    static Decision stay(Reason reason, String detail) {
        return new Stay(ActionResult.of(reason, detail));
    }

    /** What the look at the table decides. If the table cannot be read, nothing is done, and the result says why. */
    static Decision afterReading(Supplier<Decision> look) {
        try {
            return look.get();
        } catch (RuntimeException e) {
            Reason otherwise = e instanceof RuntimeIOException ? Reason.STORAGE_ERROR : Reason.METADATA_UNREADABLE;
            return stay(Failures.reason(e, otherwise), "nothing was changed: " + Failures.message(e));
        }
    }
}
