package io.sink.expire;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.action.SettingLookup;
import io.sink.text.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the expiry of one table's snapshots. A setting that is null was made nowhere: the table's own
 * property decides, else Iceberg's default.
 *
 * @param olderThan snapshots older than this may go; else {@code history.expire.max-snapshot-age-ms}, else 5 days
 * @param retainLast snapshots of each branch that stay whatever their age, at least 1; else
 *     {@code history.expire.min-snapshots-to-keep}, else 1
 * @param maxExpireSnapshots guard: a plan that expires more snapshots than this is refused; else no limit
 * @param maxExpireBytesPercent guard: a plan that frees more than this share of the bytes that the table's snapshots
 *     reach is refused, 1 to 100; else no limit
 * @param history guards of the snapshots by which one could see or undo what happened to a table
 * @param exclusive places outside the table's own where only tables with this setting have files, as the operator says
 */
public record ExpirePolicy(
        @Nullable Setting<OlderThan> olderThan,
        @Nullable Setting<Integer> retainLast,
        @Nullable Setting<Integer> maxExpireSnapshots,
        @Nullable Setting<Integer> maxExpireBytesPercent,
        History history,
        Setting<Exclusive> exclusive) {

    private static final String GROUP = "expire";

    private static final SettingKey<OlderThan> OLDER_THAN = SettingKey.of(
                    GROUP, "older-than", OlderThan.class, ExpirePolicy::olderThan, ExpirePolicy::print)
            .decidedBy("table property history.expire.max-snapshot-age-ms, else Iceberg default")
            .flag(
                    "AGE",
                    "Expire snapshots older than this: 5d, 12h, PT5H or an RFC 3339 instant that is past. Default: as"
                            + " configured, else the table's history.expire.max-snapshot-age-ms, else 5d.");

    private static final SettingKey<Integer> RETAIN_LAST = SettingKey.count(GROUP, "retain-last")
            .decidedBy("table property history.expire.min-snapshots-to-keep, else Iceberg default")
            .flag(
                    "N",
                    "Keep at least the last N snapshots of each branch. Default: as configured, else the table's"
                            + " history.expire.min-snapshots-to-keep, else 1.");

    private static final SettingKey<Integer> MAX_EXPIRE_SNAPSHOTS = SettingKey.count(GROUP, "max-expire-snapshots")
            .decidedBy("no limit")
            .flag(
                    "N",
                    "Guard: leave a table alone if more than N of its snapshots would expire. Default: as configured,"
                            + " else no limit.");

    private static final SettingKey<Integer> MAX_EXPIRE_BYTES_PERCENT = SettingKey.percent(
                    GROUP, "max-expire-bytes-percent")
            .decidedBy("no limit")
            .flag(
                    "N",
                    "Guard: leave a table alone if more than N %% of the bytes that its snapshots reach would go."
                            + " Default: as configured, else no limit.");

    private static final SettingKey<Exclusive> EXCLUSIVE_LOCATIONS = SettingKey.of(
                    GROUP,
                    "exclusive-locations",
                    Exclusive.class,
                    (text, now) -> exclusive(text),
                    exclusive -> exclusive.locations().isEmpty() ? "none" : String.join(", ", exclusive.locations()))
            .otherwise(Exclusive.NONE)
            .orList();

    /** The settings of this policy. */
    public static final List<SettingKey<?>> KEYS = List.of(
            OLDER_THAN,
            RETAIN_LAST,
            MAX_EXPIRE_SNAPSHOTS,
            MAX_EXPIRE_BYTES_PERCENT,
            History.MAX_SHRINK_PERCENT,
            History.MAX_GROWTH_PERCENT,
            History.LONGEST_READER,
            EXCLUSIVE_LOCATIONS);

    /** The policy that these settings make. */
    public static ExpirePolicy of(SettingLookup settings) {
        return new ExpirePolicy(
                settings.find(OLDER_THAN),
                settings.find(RETAIN_LAST),
                settings.find(MAX_EXPIRE_SNAPSHOTS),
                settings.find(MAX_EXPIRE_BYTES_PERCENT),
                History.of(settings),
                settings.get(EXCLUSIVE_LOCATIONS));
    }

    /**
     * Places of which the operator says that only tables with this setting have files there, such as the landing zone
     * that they were added from. In any other place outside its own an expiry deletes nothing.
     *
     * @param locations as the table's metadata spells them
     */
    public record Exclusive(List<String> locations) {
        /** No such place. */
        public static final Exclusive NONE = new Exclusive(List.of());

        public Exclusive {
            locations = List.copyOf(locations);
        }
    }

    /**
     * Guards of a table's history. A guard that is null is off.
     *
     * @param maxShrinkPercent a plan is refused if {@code main} holds more than this percentage fewer rows than a
     *     snapshot that would expire, 1 to 100; default 90
     * @param maxGrowthPercent a plan is refused if {@code main} holds more than this percentage more rows than each
     *     snapshot that would expire, at least 1
     * @param longestReader how long a query may run: a plan is refused if it expires a snapshot that was the newest one
     *     within this time
     */
    public record History(
            @Nullable Setting<Integer> maxShrinkPercent,
            @Nullable Setting<Integer> maxGrowthPercent,
            @Nullable Setting<Duration> longestReader) {
        /** No guard. */
        public static final History UNGUARDED = new History(null, null, null);

        private static final SettingKey<Integer> MAX_SHRINK_PERCENT = SettingKey.percent(GROUP, "max-shrink-percent")
                .otherwise(90)
                .flag(
                        "N",
                        "Guard: leave a table's history alone if the table holds more than N %% fewer rows than a"
                                + " snapshot that would expire; 100 turns it off. Default: as configured, else 90.");

        private static final SettingKey<Integer> MAX_GROWTH_PERCENT = SettingKey.count(GROUP, "max-growth-percent")
                .decidedBy("no limit")
                .flag(
                        "N",
                        "Guard: leave a table's history alone if the table holds more than N %% more rows than each"
                                + " snapshot that would expire. Default: as configured, else no limit.");

        private static final SettingKey<Duration> LONGEST_READER = SettingKey.duration(GROUP, "longest-reader")
                .decidedBy("not looked at")
                .flag(
                        "AGE",
                        "Guard: leave a table alone if a snapshot would expire that was the newest within this time,"
                                + " since a query may still read it. Default: as configured, else not looked at.");

        private static History of(SettingLookup settings) {
            return new History(
                    settings.find(MAX_SHRINK_PERCENT),
                    settings.find(MAX_GROWTH_PERCENT),
                    settings.find(LONGEST_READER));
        }
    }

    /** An age, or an instant that is not after {@code now}: a later one would expire what is yet to be written. */
    private static OlderThan olderThan(String text, Instant now) {
        if (!Units.looksLikeInstant(text)) {
            return new OlderThan.Age(Units.parseDuration(text));
        }
        Instant instant = Units.parseInstant(text);
        if (instant.isAfter(now)) {
            throw new IllegalArgumentException(
                    "lies in the future (now is " + now + "); write an instant that is past");
        }
        return new OlderThan.Before(instant);
    }

    private static String print(OlderThan olderThan) {
        return olderThan instanceof OlderThan.Age age ? Units.duration(age.age()) : olderThan.toString();
    }

    /** Locations, one per line or separated by commas. */
    private static Exclusive exclusive(String text) {
        List<String> locations = Arrays.stream(text.split(text.contains("\n") ? "\n" : ",", -1))
                .map(String::strip)
                .filter(location -> !location.isEmpty())
                .toList();
        for (String location : locations) {
            if (!location.startsWith("/") && !location.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*[^/].*")) {
                throw new IllegalArgumentException(
                        "has " + location + ", which is not a location; write one such as s3://bucket/landing");
            }
        }
        return new Exclusive(locations);
    }
}
