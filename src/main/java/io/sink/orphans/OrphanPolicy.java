package io.sink.orphans;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.action.SettingLookup;
import io.sink.text.Units;
import java.time.Duration;
import java.util.List;

/**
 * What was asked for the orphans of one table.
 *
 * @param olderThan files younger than this are left, since a writer may still be at work on them; at least
 *     {@link #FLOOR}
 * @param maxBytesPercent guard: a sweep that would take more than this share of the bytes that were listed is refused,
 *     1 to 100
 */
public record OrphanPolicy(Setting<Duration> olderThan, Setting<Integer> maxBytesPercent) {
    /** No file younger than this is an orphan, whatever is asked: writers stage files for hours before they commit. */
    public static final Duration FLOOR = Duration.ofHours(24);

    private static final String GROUP = "orphans";

    private static final SettingKey<Duration> OLDER_THAN = SettingKey.of(
                    GROUP, "older-than", Duration.class, (text, now) -> age(text), Units::duration)
            .known("orphans-older-than")
            .otherwise(Duration.ofDays(3))
            .flag(
                    "AGE",
                    "Leave files younger than this, since a writer may still need them; at least 24h. Default: as"
                            + " configured, else 3d.");

    private static final SettingKey<Integer> MAX_ORPHAN_BYTES_PERCENT = SettingKey.percent(
                    GROUP, "max-orphan-bytes-percent")
            .otherwise(50)
            .flag(
                    "N",
                    "Guard: leave a table alone if more than N %% of the bytes that were listed would go. Default: as"
                            + " configured, else 50.");

    /** The settings of this policy. */
    public static final List<SettingKey<?>> KEYS = List.of(OLDER_THAN, MAX_ORPHAN_BYTES_PERCENT);

    /** The policy that these settings make. */
    public static OrphanPolicy of(SettingLookup settings) {
        return new OrphanPolicy(settings.get(OLDER_THAN), settings.get(MAX_ORPHAN_BYTES_PERCENT));
    }

    private static Duration age(String text) {
        Duration age = Units.parseDuration(text);
        if (age.compareTo(FLOOR) < 0) {
            throw new IllegalArgumentException(
                    "is below " + Units.duration(FLOOR) + ", the age under which a file may be a writer's at work");
        }
        return age;
    }
}
