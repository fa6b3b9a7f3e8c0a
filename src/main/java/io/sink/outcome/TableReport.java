package io.sink.outcome;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a run reports about one table.
 *
 * @param table its full name, or a catalog's name where the catalog itself could not be read
 * @param catalog the catalog's name in the configuration
 * @param uuid the table's UUID, or null if it was never loaded
 * @param rule the configuration rule that applied
 * @param before figures before the first action, or null if it was never loaded
 * @param after figures after the last action, or null if it was never loaded
 * @param actions what came of each action, in the order in which they ran; never empty
 */
public record TableReport(
        String table,
        String catalog,
        @Nullable String uuid,
        String rule,
        @Nullable TableState before,
        @Nullable TableState after,
        List<ActionReport> actions) {

    public TableReport {
        actions = List.copyOf(actions);
    }

    /** The outcome that stands for the whole table: the gravest of its actions'. */
    public Outcome outcome() {
        return actions.stream()
                .map(ActionReport::outcome)
                .max((a, b) -> Integer.compare(gravity(a), gravity(b)))
                .orElseThrow();
    }

    private static int gravity(Outcome outcome) {
        return switch (outcome) {
            case SKIPPED -> 0;
            case PLANNED -> 1;
            case DONE -> 2;
            case DEFERRED -> 3;
            case FAILED -> 4;
        };
    }
}
