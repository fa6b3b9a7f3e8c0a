package io.sink.config;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.action.SettingLookup;
import io.sink.text.Units;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the run as a whole. A setting that was made nowhere is null.
 *
 * @param deadline how long after its start the run begins nothing more and gives up what is at work; null for no limit
 * @param parallel how many tables are worked on at a time, at least 1; null if the run decides
 * @param maxBytes bytes that the rewrites of a run may read together; null for no limit
 * @param commitTimeout how long the run waits for the answer to a commit once it has to end
 * @param catalogTimeout how long a catalog may take to be opened and listed
 * @param strict whether nothing is begun if a rule, or a name or pattern on the command line, matches no table
 */
public record RunPolicy(
        @Nullable Setting<Duration> deadline,
        @Nullable Setting<Integer> parallel,
        @Nullable Setting<Long> maxBytes,
        Setting<Duration> commitTimeout,
        Setting<Duration> catalogTimeout,
        Setting<Boolean> strict) {

    static final String GROUP = "run";

    private static final SettingKey<Duration> DEADLINE = time("deadline")
            .decidedBy("no limit")
            .flag(
                    "DURATION",
                    "Begin nothing after this long, and give up what is not committed; reported as deadline-reached."
                            + " Default: as configured, else no limit.");

    private static final SettingKey<Integer> PARALLEL = SettingKey.count(GROUP, "parallel")
            .decidedBy("the run decides")
            .flag("N", "Tables, and file groups of a compaction, to work on at once. Default: as configured, else 1.");

    private static final SettingKey<Long> MAX_RUN_BYTES = SettingKey.size(GROUP, "max-run-bytes")
            .decidedBy("no limit")
            .flag(
                    "SIZE",
                    "Read at most this much for all compactions of the run; what is left is deferred-budget, and comes"
                            + " first the next time. Default: as configured, else no limit.");

    private static final SettingKey<Duration> COMMIT_TIMEOUT =
            time("commit-timeout").otherwise(Duration.ofMinutes(1));
    private static final SettingKey<Duration> CATALOG_TIMEOUT =
            time("catalog-timeout").otherwise(Duration.ofMinutes(15));
    private static final SettingKey<Boolean> STRICT = SettingKey.of(
                    GROUP, "strict", Boolean.class, (text, now) -> truth(text), String::valueOf)
            .otherwise(false);

    /** Settings that limit how much rewrites may read. */
    public static final List<SettingKey<?>> BUDGET = List.of(MAX_RUN_BYTES);

    /** Settings that limit how long a run lasts and how much it does at once. */
    public static final List<SettingKey<?>> PACE = List.of(DEADLINE, PARALLEL);

    /** Every setting of the run. */
    static final List<SettingKey<?>> KEYS =
            List.of(DEADLINE, PARALLEL, MAX_RUN_BYTES, COMMIT_TIMEOUT, CATALOG_TIMEOUT, STRICT);

    static RunPolicy of(SettingLookup settings) {
        return new RunPolicy(
                settings.find(DEADLINE),
                settings.find(PARALLEL),
                settings.find(MAX_RUN_BYTES),
                settings.get(COMMIT_TIMEOUT),
                settings.get(CATALOG_TIMEOUT),
                settings.get(STRICT));
    }

    private static SettingKey<Duration> time(String name) {
        return SettingKey.of(GROUP, name, Duration.class, (text, now) -> some(text), Units::duration);
    }

    private static boolean truth(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("is neither; write true or false");
        }
        return text.equals("true");
    }

    private static Duration some(String text) {
        Duration time = Units.parseDuration(text);
        if (time.isZero()) {
            throw new IllegalArgumentException("leaves no time at all; write a duration such as 2h");
        }
        return time;
    }
}
