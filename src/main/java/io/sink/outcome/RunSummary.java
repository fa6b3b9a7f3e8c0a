package io.sink.outcome;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param endedAt when the last table was done
 * @param exitCode the status that the process ends with
 * @param tables tables by the outcome that stands for each
 * @param effect everything that happened, summed
 * @param interruptedBy the signal that stopped the run before every table was looked at, or null
 */
public record RunSummary(
        Instant endedAt,
        int exitCode,
        Map<Outcome, Integer> tables,
        Effect effect,
        @Nullable String interruptedBy) {

    public RunSummary {
        EnumMap<Outcome, Integer> all = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            all.put(outcome, tables.getOrDefault(outcome, 0));
        }
        tables = all;
    }

    /** Tables of every outcome. */
    public int total() {
        return tables.values().stream().mapToInt(Integer::intValue).sum();
    }
}
