package io.sink.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.action.Decision;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.config.TablePolicy;
import io.sink.expire.ExpireAction;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.storage.OtherTables;
import io.sink.testing.PathTable;
import io.sink.testing.Policies;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
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
        Step step = Step.of(new ExpireAction(OtherTables.NONE, InstantSource.system()), TablePolicy::expire);

        ActionResult asked = ((Decision.Stay) step.plan(subject, Policies.any())).result();
        ActionResult disabled =
                ((Decision.Stay) step.plan(subject, disabled("expire", "expire.enabled is false by a test"))).result();

        assertThat(asked.reason()).isEqualTo(Reason.NO_CURRENT_SNAPSHOT);
        assertThat(disabled.reason()).isEqualTo(Reason.NOT_ENABLED);
        assertThat(disabled.detail()).isEqualTo("expire.enabled is false by a test");
    }

    private static TablePolicy disabled(String part, String why) {
        TablePolicy any = Policies.any();
        return new TablePolicy(
                false,
                false,
                any.rule(),
                Map.of(part, why),
                any.expire(),
                any.compact(),
                any.deletes(),
                any.manifests(),
                any.orphans());
    }
}
