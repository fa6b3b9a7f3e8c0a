package io.sink.outcome;

import java.time.Duration;

/** One action on one table: what came of it, and how long it took. */
public record ActionReport(ActionName action, ActionResult result, Duration duration) {

    public Reason reason() {
        return result.reason();
    }

    public Outcome outcome() {
        return result.outcome();
    }
}
