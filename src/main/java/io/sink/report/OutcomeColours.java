package io.sink.report;

import io.sink.outcome.Outcome;
import java.util.Arrays;

/** The colours of outcomes on a terminal. */
final class OutcomeColours {
    private static final String RESET = "\u001b[0m";

    private OutcomeColours() {}

    /** @param outcome as the table has it; any other text stays as it is */
    static String of(String outcome) {
        return Arrays.stream(Outcome.values())
                .filter(known -> known.code().equalsIgnoreCase(outcome))
                .findFirst()
                .map(known -> colour(known) + outcome + RESET)
                .orElse(outcome);
    }

    private static String colour(Outcome outcome) {
        return switch (outcome) {
            case DONE -> "\u001b[32m";
            case PLANNED -> "\u001b[36m";
            case SKIPPED -> "\u001b[2m";
            case DEFERRED -> "\u001b[33m";
            case FAILED -> "\u001b[1;31m";
        };
    }
}
