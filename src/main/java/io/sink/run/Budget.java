package io.sink.run;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.text.Human;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that the rewrites of a run may read together. The bytes that a plan would read are taken before it begins,
 * and never more than are left.
 *
 * @ref LLP 0013#budget
 */
final class Budget {
    private final @Nullable Long all;
    private long left;

    /** @param all bytes to be read, or null for no limit */
    Budget(@Nullable Long all) {
        this.all = all;
        this.left = all == null ? Long.MAX_VALUE : all;
    }

    /** Bytes that are left. */
    synchronized long left() {
        return left;
    }

    boolean isLimited() {
        return all != null;
    }

    /**
     * Takes the bytes that a plan would read. Returns null, or the result of the plan if too few bytes are left.
     *
     * @param effect that is expected of the plan
     */
    synchronized @Nullable ActionResult take(Effect effect) {
        long bytes = effect.get(Counter.BYTES_READ);
        if (all == null || bytes <= left) {
            left -= bytes;
            return null;
        }
        String advice = bytes > all ? "; max-bytes below it, with when-above-cap: partial, lets a part go" : "";
        List<String> apart = Human.apart(bytes, left);
        return new ActionResult(
                Reason.DEFERRED_BUDGET,
                "the rewrite would read %s, and %s of max-run-bytes %s are left%s"
                        .formatted(apart.get(0), apart.get(1), Human.bytes(all), advice),
                Effect.of(
                                Counter.BACKLOG_FILES,
                                effect.get(Counter.DATA_FILES_REWRITTEN) + effect.get(Counter.BACKLOG_FILES))
                        .plus(Counter.BACKLOG_BYTES, bytes + effect.get(Counter.BACKLOG_BYTES)),
                ActionResult.Files.NONE,
                null);
    }
}
