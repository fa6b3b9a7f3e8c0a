package io.sink.action;

import io.sink.outcome.ActionResult;

/** What an action decided after it looked at a table. */
public sealed interface Decision {

    /** There is something to do. */
    record Go(Plan plan) implements Decision {}

    /** There is nothing to do, or it must not or cannot be done; the result says why. */
    record Stay(ActionResult result) implements Decision {}
}
