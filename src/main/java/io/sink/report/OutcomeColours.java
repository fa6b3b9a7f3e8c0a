package io.sink.report;

import io.sink.outcome.Outcome;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Colours the outcomes of a finished table, whose columns are measured without them. */
final class OutcomeColours {
    private static final String RESET = "\u001b[0m";

    private OutcomeColours() {}

    /** @param table lines below a header with the column {@code OUTCOME} */
    static String of(String table) {
        int at = table.indexOf("OUTCOME");
        return table.lines().map(line -> coloured(line, at)).collect(Collectors.joining(System.lineSeparator()));
    }

    private static String coloured(String line, int at) {
        return Arrays.stream(Outcome.values())
                .filter(outcome -> line.toLowerCase(Locale.ROOT).startsWith(outcome.code() + " ", at))
                .findFirst()
                .map(outcome -> line.substring(0, at)
                        + colour(outcome)
                        + line.substring(at, at + outcome.code().length())
                        + RESET
                        + line.substring(at + outcome.code().length()))
                .orElse(line);
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
