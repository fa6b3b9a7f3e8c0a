package io.sink.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SuccessTest {

    /** A skip that is no success lets its table's last success grow old, so each new one is to be decided here. */
    @Test
    void a_skip_is_a_success_only_where_nothing_was_due() {
        assertThat(Arrays.stream(Reason.values())
                        .filter(reason -> reason.outcome() == Outcome.SKIPPED)
                        .filter(reason -> Success.is(
                                new ActionReport(ActionName.EXPIRE, ActionResult.of(reason, ""), Duration.ZERO)))
                        .map(Reason::code))
                .containsExactlyInAnyOrder(
                        "nothing-to-settle",
                        "nothing-to-roll-back",
                        "nothing-to-expire",
                        "below-threshold",
                        "nothing-to-rewrite",
                        "no-current-snapshot",
                        "not-enabled",
                        "no-orphans",
                        "no-dangling-deletes");
        assertThat(Arrays.stream(Reason.values())
                        .filter(reason -> reason.outcome() == Outcome.SKIPPED)
                        .filter(reason ->
                                reason.code().startsWith("no-") || reason.code().startsWith("nothing-"))
                        .filter(reason -> !Success.is(
                                new ActionReport(ActionName.EXPIRE, ActionResult.of(reason, ""), Duration.ZERO))))
                .containsExactly(Reason.NO_TABLE);
    }
}
