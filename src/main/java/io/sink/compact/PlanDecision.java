package io.sink.compact;

import io.sink.outcome.Reason;
import io.sink.rewrite.Refusal;

/** What comes of planning: a plan, or the reason why there is none. */
public sealed interface PlanDecision permits CompactPlan, PlanDecision.Stay {

    /** Nothing is to be rewritten. */
    public record Stay(Refusal why) implements PlanDecision {
        Stay(Reason reason, String detail) {
            this(new Refusal(reason, detail));
        }

        /** The published reason. */
        public Reason reason() {
            return why.reason();
        }

        /** One sentence for a person. */
        public String detail() {
            return why.detail();
        }
    }
}
