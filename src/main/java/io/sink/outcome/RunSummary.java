package io.sink.outcome;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param endedAt when the last table was done
 * @param exitCode the status that the process ends with
 * @param tables number of tables by the outcome that stands for each; has every outcome
 * @param effect everything that happened, summed
 * @param interruptedBy the signal that stopped the run before every table was looked at, or null
 * @param warnings sentences for a person about the run, not about a single table
 */
public record RunSummary(
        Instant endedAt,
        int exitCode,
        Map<Outcome, Integer> tables,
        Effect effect,
        @Nullable String interruptedBy,
        List<String> warnings) {

    public RunSummary {
        warnings = List.copyOf(warnings);
        EnumMap<Outcome, Integer> all = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            all.put(outcome, tables.getOrDefault(outcome, 0));
        }
        tables = all;
    }

    /** This summary with more warnings, and with this exit code. */
    public RunSummary warning(List<String> more, int code) {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(more);
        return new RunSummary(endedAt, code, tables, effect, interruptedBy, all);
    }

    /** How many tables there are, of every outcome. */
    public int total() {
        return tables.values().stream().mapToInt(Integer::intValue).sum();
    }
}
