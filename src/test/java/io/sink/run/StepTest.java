package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.config.TablePolicy;
import io.sink.inspect.InspectAction;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.PathTable;
import io.sink.testing.Policies;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An action that is disabled for a table does not even look at it. */
class StepTest {
    @TempDir
    Path warehouse;

    @Test
    void says_who_disabled_the_action_and_does_nothing() {
        Subject subject = new Subject(
                "made.t",
                PathTable.create(warehouse, "t", 2, Map.of()).load().operations(),
                true,
                "01RUN",
                "host",
                Instant.now(),
                StopSignal.NEVER);
        Step step = Step.of(new InspectAction(), policy -> policy);

        ActionResult asked = ((Decision.Stay) step.plan(subject, Policies.any())).result();
        ActionResult disabled = ((Decision.Stay)
                        step.plan(subject, disabled(ActionName.INSPECT, "x.enabled is false by a test")))
                .result();

        assertThat(asked.reason()).isEqualTo(Reason.INSPECTED);
        assertThat(disabled.reason()).isEqualTo(Reason.NOT_ENABLED);
        assertThat(disabled.detail()).isEqualTo("x.enabled is false by a test");
    }

    private static TablePolicy disabled(ActionName action, String why) {
        TablePolicy any = Policies.any();
        return new TablePolicy(
                false,
                false,
                any.rule(),
                Map.of(action, why),
                any.expire(),
                any.compact(),
                any.deletes(),
                any.manifests(),
                any.orphans());
    }
}
