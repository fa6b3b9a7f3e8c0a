package io.sink.action;

import io.sink.outcome.ActionResult;

/**
 * What an action would do to one table, down to the file. Single use.
 *
 * @ref LLP 0007#same-object
 */
public interface Plan {

    /** What {@link #execute} would report if nothing changed meanwhile: the whole answer of a dry run. */
    ActionResult preview();

    /** Does it, and says what happened. Expected failures are results, not exceptions. */
    ActionResult execute();
}
