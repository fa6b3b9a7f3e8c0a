package io.sink.compact;

import io.sink.outcome.Reason;

/** What comes of planning: a plan, or the reason why there is none. */
sealed interface PlanDecision permits CompactPlan, PlanDecision.Stay {

    /**
     * Nothing is to be rewritten.
     *
     * @param detail the figures or names behind the reason, for a person
     */
    record Stay(Reason reason, String detail) implements PlanDecision {}
}
