package io.sink.compact;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.action.SettingLookup;
import io.sink.rewrite.ProofLevel;
import io.sink.table.Where;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the compaction of one table.
 *
 * @param minDataFiles live data files that a table must have to be compacted; default 32
 * @param maxBytes bytes that one run's rewrite of this table may read; default 10 GiB
 * @param targetFileSizeBytes size of the files to write; null: the table's {@code write.target-file-size-bytes}, else
 *     512 MiB
 * @param minInputFiles files from which a group is worth a rewrite; default 5
 * @param whenAboveCap what happens to a rewrite above {@code maxBytes}; default {@link WhenAboveCap#SKIP}
 * @param verify how much is proved before the commit; default {@link ProofLevel#COLUMNS}
 * @param branch the branch to rewrite; default {@code main}
 * @param onUnreadable what happens to the other groups where a file of one cannot be rewritten; default
 *     {@link OnUnreadable#FAIL}
 * @param commitAttempts how often the commit of a rewrite is tried; default 1
 * @param waves how many rewrites of at most {@code maxBytes} there are, one after the other; default 1
 * @param partitions which partitions are looked at; default {@link Partitions#ALL}
 */
public record CompactPolicy(
        Setting<Integer> minDataFiles,
        Setting<Long> maxBytes,
        @Nullable Setting<Long> targetFileSizeBytes,
        Setting<Integer> minInputFiles,
        Setting<WhenAboveCap> whenAboveCap,
        Setting<ProofLevel> verify,
        Setting<String> branch,
        Setting<OnUnreadable> onUnreadable,
        Setting<Integer> commitAttempts,
        Setting<Integer> waves,
        Partitions partitions) {

    /**
     * Which partitions a compaction looks at.
     *
     * @param where only those that can hold rows for which this is true; null: all
     * @param skipNewest only those in which nothing was committed for so long; null: all
     */
    public record Partitions(
            @Nullable Setting<Where> where, @Nullable Setting<Duration> skipNewest) {
        public static final Partitions ALL = new Partitions(null, null);
    }

    private static final String GROUP = "compact";

    private static final SettingKey<Integer> MIN_DATA_FILES = SettingKey.count(GROUP, "min-data-files")
            .otherwise(32)
            .flag("N", "Compact a table that has at least N live data files. Default: 32.");

    private static final SettingKey<Long> MAX_BYTES = SettingKey.size(GROUP, "max-bytes")
            .otherwise(10L << 30)
            .flag("SIZE", "Read at most this much of a table for one compaction. Default: 10GiB.");

    private static final SettingKey<Long> TARGET_FILE_SIZE_BYTES = SettingKey.size(GROUP, "target-file-size-bytes")
            .decidedBy("table property write.target-file-size-bytes, else Iceberg default")
            .flag(
                    "SIZE",
                    "Size of the files to write. Default: the table's write.target-file-size-bytes, else 512MiB.");

    private static final SettingKey<Integer> MIN_INPUT_FILES = SettingKey.count(GROUP, "min-input-files")
            .otherwise(5)
            .flag("N", "Rewrite a group that has at least N files. Default: 5.");

    private static final SettingKey<WhenAboveCap> WHEN_ABOVE_CAP = SettingKey.word(
                    GROUP, "when-above-cap", WhenAboveCap.class)
            .otherwise(WhenAboveCap.SKIP)
            .flag(
                    "skip|partial",
                    "Above --max-bytes: rewrite nothing, or the groups with the most gain that fit. Default: skip.");

    private static final SettingKey<OnUnreadable> ON_UNREADABLE = SettingKey.word(
                    GROUP, "on-unreadable", OnUnreadable.class)
            .otherwise(OnUnreadable.FAIL)
            .flag(
                    "fail|skip-group",
                    "If a file of one group cannot be rewritten: rewrite nothing, or the other groups; the table"
                            + " counts as failed either way. Default: fail.");

    private static final SettingKey<ProofLevel> VERIFY = SettingKey.word(GROUP, "verify", ProofLevel.class)
            .otherwise(ProofLevel.COLUMNS)
            .flag(
                    "counts|columns|full",
                    "What to prove before the commit: row and null counts, also every value, or also row"
                            + " fingerprints. Default: columns.");

    private static final SettingKey<Integer> COMMIT_ATTEMPTS = SettingKey.count(GROUP, "commit-attempts")
            .otherwise(1)
            .flag(
                    "N",
                    "Commit a rewrite up to N times, as long as other writers win the race and leave its files as they"
                            + " were. Default: 1.");

    private static final SettingKey<Integer> WAVES = SettingKey.count(GROUP, "waves")
            .otherwise(1)
            .flag(
                    "N",
                    "Above --max-bytes, compact in up to N waves of at most that much, each with a commit of its own."
                            + " Default: 1, and --when-above-cap decides.");

    private static final SettingKey<Where> WHERE = SettingKey.of(
                    GROUP, "where", Where.class, (text, now) -> Where.parse(text), Where::toString)
            .decidedBy("every partition")
            .flag(
                    "EXPR",
                    "Compact partitions that can hold rows for which this is true, such as"
                            + " \"day(ts) < '2026-11-01' and region = 'eu'\". Default: every partition.");

    private static final SettingKey<Duration> SKIP_NEWEST = SettingKey.duration(GROUP, "skip-newest")
            .decidedBy("every partition")
            .flag(
                    "AGE",
                    "Leave partitions alone in which something was committed within this time, such as 2h. Default:"
                            + " every partition is compacted.");

    /** The settings of this policy. */
    public static final List<SettingKey<?>> KEYS = List.of(
            MIN_DATA_FILES,
            MAX_BYTES,
            TARGET_FILE_SIZE_BYTES,
            MIN_INPUT_FILES,
            WHEN_ABOVE_CAP,
            ON_UNREADABLE,
            VERIFY,
            COMMIT_ATTEMPTS,
            WAVES,
            WHERE,
            SKIP_NEWEST,
            SettingKey.BRANCH);

    /** The policy that these settings make. */
    public static CompactPolicy of(SettingLookup settings) {
        return new CompactPolicy(
                settings.get(MIN_DATA_FILES),
                settings.get(MAX_BYTES),
                settings.find(TARGET_FILE_SIZE_BYTES),
                settings.get(MIN_INPUT_FILES),
                settings.get(WHEN_ABOVE_CAP),
                settings.get(VERIFY),
                settings.get(SettingKey.BRANCH),
                settings.get(ON_UNREADABLE),
                settings.get(COMMIT_ATTEMPTS),
                settings.get(WAVES),
                new Partitions(settings.find(WHERE), settings.find(SKIP_NEWEST)));
    }

    /** What happens to a rewrite that would read more than the cap. */
    public enum WhenAboveCap {
        /** Nothing is rewritten. */
        SKIP,
        /** The groups with the most gain that fit are rewritten; the rest is reported as backlog. */
        PARTIAL
    }

    /** What happens to the rest of a table if one of its data files cannot be read, or not without loss. */
    public enum OnUnreadable {
        /** Nothing is rewritten. */
        FAIL,
        /** Its group stays as it is, and the others are rewritten; the table counts as failed. */
        SKIP_GROUP
    }
}
