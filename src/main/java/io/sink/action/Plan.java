package io.sink.action;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Effect;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an action would do to one table, down to the file. Single use.
 *
 * @ref LLP 0007#same-object
 */
public interface Plan {

    /** What {@link #execute} would report if nothing changed meanwhile: the whole answer of a dry run. */
    ActionResult preview();

    /** The effect of the preview, as far as budgets ask, at little cost. */
    default Effect expected() {
        return preview().effect();
    }

    /** Does it, and says what happened. Expected failures are results, not exceptions. */
    ActionResult execute();

    /** The part of it that reads at most so many bytes; null if it has no such part. */
    default @Nullable Plan within(long bytes) {
        return null;
    }

    /**
     * Decides what is to follow, over the table as it is then; null if nothing is.
     *
     * @param result of {@link #execute}, or of {@link #preview} in a dry run
     */
    default @Nullable Supplier<Decision> next(ActionResult result) {
        return null;
    }
}
