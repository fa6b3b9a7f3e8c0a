package io.sink.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableReportTest {
    /** From the one that matters least. */
    private static final List<Reason> BY_GRAVITY = List.of(
            Reason.NOTHING_TO_EXPIRE,
            Reason.WOULD_EXPIRE,
            Reason.EXPIRED,
            Reason.COMMIT_CONFLICT,
            Reason.REWRITE_ERROR);

    @Test
    void the_gravest_outcome_of_an_action_stands_for_the_table() {
        for (int grave = 0; grave < BY_GRAVITY.size(); grave++) {
            Outcome gravest = BY_GRAVITY.get(grave).outcome();
            List<ActionReport> actions = new ArrayList<>(BY_GRAVITY.subList(0, grave + 1).stream()
                    .map(reason -> new ActionReport(ActionName.EXPIRE, ActionResult.of(reason, ""), Duration.ZERO))
                    .toList());
            assertThat(report(actions).outcome()).isEqualTo(gravest);
            Collections.reverse(actions);
            assertThat(report(actions).outcome()).isEqualTo(gravest);
        }
    }

    private static TableReport report(List<ActionReport> actions) {
        return new TableReport("lake.t", "lake", null, "", null, null, actions);
    }
}
