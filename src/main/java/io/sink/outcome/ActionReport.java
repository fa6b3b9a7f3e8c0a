package io.sink.outcome;

import java.time.Duration;

/** One action on one table: what came of it, and how long it took. */
public record ActionReport(ActionName action, ActionResult result, Duration duration) {

    /** Why the action ended as it did. */
    public Reason reason() {
        return result.reason();
    }

    /** What came of the action. */
    public Outcome outcome() {
        return result.outcome();
    }
}
