package io.sink.config;

import static io.sink.config.SettingKey.Group.COMPACT;
import static io.sink.config.SettingKey.Group.DELETES;
import static io.sink.config.SettingKey.Group.EXPIRE;
import static io.sink.config.SettingKey.Group.MANIFESTS;
import static io.sink.config.SettingKey.Group.ORPHANS;
import static io.sink.config.SettingKey.Group.RUN;

import io.sink.compact.CompactPolicy.OnUnreadable;
import io.sink.compact.CompactPolicy.Verify;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.config.SettingKey.Group;
import io.sink.expire.ExpirePolicy;
import io.sink.expire.OlderThan;
import io.sink.orphans.OrphanPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The settings there are. */
final class SettingKeys {

    static final SettingKey<OlderThan> OLDER_THAN = new SettingKey<>(
            EXPIRE,
            "older-than",
            OlderThan.class,
            SettingKeys::olderThan,
            SettingKeys::print,
            null,
            "table property history.expire.max-snapshot-age-ms, else Iceberg default");
    static final SettingKey<Integer> RETAIN_LAST = count(
            EXPIRE, "retain-last", null, "table property history.expire.min-snapshots-to-keep, else Iceberg default");
    static final SettingKey<Integer> MAX_EXPIRE_SNAPSHOTS = count(EXPIRE, "max-expire-snapshots", null, "no limit");
    static final SettingKey<Integer> MAX_EXPIRE_BYTES_PERCENT = new SettingKey<>(
            EXPIRE,
            "max-expire-bytes-percent",
            Integer.class,
            (text, now) -> percent(text),
            String::valueOf,
            null,
            "no limit");

    static final SettingKey<Integer> MAX_SHRINK_PERCENT = new SettingKey<>(
            EXPIRE, "max-shrink-percent", Integer.class, (text, now) -> percent(text), String::valueOf, 90, "");
    static final SettingKey<Integer> MAX_GROWTH_PERCENT = count(EXPIRE, "max-growth-percent", null, "no limit");
    static final SettingKey<Duration> LONGEST_READER = new SettingKey<>(
            EXPIRE,
            "longest-reader",
            Duration.class,
            (text, now) -> Units.parseDuration(text),
            Units::duration,
            null,
            "not looked at");

    static final SettingKey<ExpirePolicy.Exclusive> EXCLUSIVE_LOCATIONS = new SettingKey<>(
            EXPIRE,
            "exclusive-locations",
            ExpirePolicy.Exclusive.class,
            (text, now) -> exclusive(text),
            exclusive -> exclusive.locations().isEmpty() ? "none" : String.join(", ", exclusive.locations()),
            ExpirePolicy.Exclusive.NONE,
            "");

    static final SettingKey<Integer> MIN_DATA_FILES = count(COMPACT, "min-data-files", 32, "");
    static final SettingKey<Long> MAX_BYTES = size("max-bytes", 10L << 30, "");
    static final SettingKey<Long> TARGET_FILE_SIZE_BYTES =
            size("target-file-size-bytes", null, "table property write.target-file-size-bytes, else Iceberg default");
    static final SettingKey<Integer> MIN_INPUT_FILES = count(COMPACT, "min-input-files", 5, "");
    static final SettingKey<WhenAboveCap> WHEN_ABOVE_CAP =
            word("when-above-cap", WhenAboveCap.class, WhenAboveCap.values(), WhenAboveCap.SKIP);
    static final SettingKey<OnUnreadable> ON_UNREADABLE =
            word("on-unreadable", OnUnreadable.class, OnUnreadable.values(), OnUnreadable.FAIL);
    static final SettingKey<Verify> VERIFY = word("verify", Verify.class, Verify.values(), Verify.COUNTS);
    static final SettingKey<String> BRANCH = new SettingKey<>(
            COMPACT, "branch", String.class, (text, now) -> branch(text), Function.identity(), "main", "");

    static final SettingKey<Integer> MIN_DANGLING_DELETES = count(DELETES, "min-dangling-deletes", 1, "");
    static final SettingKey<Integer> MIN_MANIFESTS = count(
            MANIFESTS,
            "min-manifests",
            null,
            "table property commit.manifest.min-count-to-merge, else Iceberg default");

    static final SettingKey<Duration> ORPHANS_OLDER_THAN = new SettingKey<>(
            ORPHANS,
            "older-than",
            Duration.class,
            (text, now) -> orphanAge(text),
            Units::duration,
            Duration.ofDays(3),
            "");
    static final SettingKey<Integer> MAX_ORPHAN_BYTES_PERCENT = new SettingKey<>(
            ORPHANS, "max-orphan-bytes-percent", Integer.class, (text, now) -> percent(text), String::valueOf, 50, "");

    static final SettingKey<Duration> DEADLINE = new SettingKey<>(
            RUN, "deadline", Duration.class, (text, now) -> deadline(text), Units::duration, null, "no limit");
    static final SettingKey<Integer> PARALLEL = count(RUN, "parallel", null, "the run decides");

    static final SettingKey<Long> MAX_RUN_BYTES = new SettingKey<>(
            RUN, "max-run-bytes", Long.class, (text, now) -> positiveSize(text), Units::size, null, "no limit");

    static final SettingKey<Duration> COMMIT_TIMEOUT = timeout("commit-timeout", Duration.ofMinutes(1));
    static final SettingKey<Duration> CATALOG_TIMEOUT = timeout("catalog-timeout", Duration.ofMinutes(15));

    /** Every setting, in the order in which they are listed. */
    static final List<SettingKey<?>> ALL = List.of(
            OLDER_THAN,
            RETAIN_LAST,
            MAX_EXPIRE_SNAPSHOTS,
            MAX_EXPIRE_BYTES_PERCENT,
            MAX_SHRINK_PERCENT,
            MAX_GROWTH_PERCENT,
            LONGEST_READER,
            EXCLUSIVE_LOCATIONS,
            MIN_DATA_FILES,
            MAX_BYTES,
            TARGET_FILE_SIZE_BYTES,
            MIN_INPUT_FILES,
            WHEN_ABOVE_CAP,
            ON_UNREADABLE,
            VERIFY,
            BRANCH,
            MIN_DANGLING_DELETES,
            MIN_MANIFESTS,
            ORPHANS_OLDER_THAN,
            MAX_ORPHAN_BYTES_PERCENT,
            DEADLINE,
            PARALLEL,
            MAX_RUN_BYTES,
            COMMIT_TIMEOUT,
            CATALOG_TIMEOUT);

    private SettingKeys() {}

    /** The settings of these mappings. */
    static List<SettingKey<?>> of(List<Group> groups) {
        return ALL.stream().filter(key -> groups.contains(key.group())).toList();
    }

    private static SettingKey<Integer> count(Group group, String name, @Nullable Integer standard, String otherwise) {
        return new SettingKey<>(
                group,
                name,
                Integer.class,
                (text, now) -> Units.parseCount(text, 1),
                String::valueOf,
                standard,
                otherwise);
    }

    private static SettingKey<Long> size(String name, @Nullable Long standard, String otherwise) {
        return new SettingKey<>(
                COMPACT, name, Long.class, (text, now) -> positiveSize(text), Units::size, standard, otherwise);
    }

    private static <E extends Enum<E>> SettingKey<E> word(String name, Class<E> type, E[] words, E standard) {
        return new SettingKey<>(
                COMPACT, name, type, (text, now) -> oneOf(text, words), SettingKeys::print, standard, "");
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

    /** Locations one a line, or parted by commas. */
    private static ExpirePolicy.Exclusive exclusive(String text) {
        List<String> locations = Arrays.stream(text.split(text.contains("\n") ? "\n" : ",", -1))
                .map(String::strip)
                .filter(location -> !location.isEmpty())
                .toList();
        for (String location : locations) {
            if (!location.startsWith("/") && !location.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*[^/].*")) {
                throw new IllegalArgumentException(
                        "has " + location + ", which is no location; write such as s3://bucket/landing");
            }
        }
        return new ExpirePolicy.Exclusive(locations);
    }

    private static Duration orphanAge(String text) {
        Duration age = Units.parseDuration(text);
        if (age.compareTo(OrphanPolicy.FLOOR) < 0) {
            throw new IllegalArgumentException("is below " + Units.duration(OrphanPolicy.FLOOR)
                    + ", the age under which a file may be a writer's at work");
        }
        return age;
    }

    private static int percent(String text) {
        int percent = Units.parseCount(text, 1);
        if (percent > 100) {
            throw new IllegalArgumentException("is too large; write a percentage from 1 to 100, without the % sign");
        }
        return percent;
    }

    private static long positiveSize(String text) {
        long size = Units.parseSize(text);
        if (size == 0) {
            throw new IllegalArgumentException("is too small; write a size of at least 1 byte");
        }
        return size;
    }

    private static SettingKey<Duration> timeout(String name, Duration otherwise) {
        return new SettingKey<>(
                RUN, name, Duration.class, (text, now) -> deadline(text), Units::duration, otherwise, "");
    }

    private static Duration deadline(String text) {
        Duration deadline = Units.parseDuration(text);
        if (deadline.isZero()) {
            throw new IllegalArgumentException("leaves no time at all; write a duration such as 2h");
        }
        return deadline;
    }

    private static String branch(String text) {
        if (text.isBlank() || !text.strip().equals(text)) {
            throw new IllegalArgumentException("is not a branch name; write it without space around it");
        }
        return text;
    }

    private static <E extends Enum<E>> E oneOf(String text, E[] words) {
        return Arrays.stream(words)
                .filter(word -> print(word).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is not a choice here; write "
                        + Arrays.stream(words).map(SettingKeys::print).collect(Collectors.joining(" or "))));
    }

    private static String print(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String print(OlderThan olderThan) {
        return olderThan instanceof OlderThan.Age age ? Units.duration(age.age()) : olderThan.toString();
    }
}
