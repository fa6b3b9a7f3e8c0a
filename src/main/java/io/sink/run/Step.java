package io.sink.run;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Subject;
import io.sink.config.TablePolicy;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import java.util.Map;
import java.util.function.Function;

/** An action of a run, bound to its part of a table's policy. */
public interface Step {
    /** The mapping of the configuration that configures an action. */
    Map<ActionName, String> PARTS = Map.of(
            ActionName.EXPIRE, "expire",
            ActionName.COMPACT, "compact",
            ActionName.REMOVE_DANGLING_DELETES, "deletes",
            ActionName.REWRITE_MANIFESTS, "manifests",
            ActionName.ORPHANS, "orphans");

    /** The published name of the action. */
    ActionName name();

    /** Looks at the table and decides; writes nothing. */
    Decision plan(Subject subject, TablePolicy policy);

    /** Whether this result is not worth a line: a housekeeping step that found nothing. */
    default boolean isSilent(ActionResult result) {
        return name().is(ActionName.Trait.SILENT_IF_NOTHING_IS_DUE)
                && result.reason().isNothingDue();
    }

    /** Binds an action to its policy. */
    static <P> Step of(Action<P> action, Function<TablePolicy, P> policyOf) {
        return new Step() {
            @Override
            public ActionName name() {
                return action.name();
            }

            @Override
            public Decision plan(Subject subject, TablePolicy policy) {
                String disabled = policy.disabled().get(PARTS.getOrDefault(action.name(), ""));
                return disabled == null
                        ? action.plan(subject, policyOf.apply(policy))
                        : Decision.stay(Reason.NOT_ENABLED, disabled);
            }
        };
    }
}
