package io.sink.compact;

import io.sink.action.Setting;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the compaction of one table.
 *
 * @param minDataFiles live data files from which a table is looked at at all; default 32
 * @param maxBytes bytes that one run's rewrite of this table may read; default 10 GiB
 * @param targetFileSizeBytes size of the files to write; null: the table's
 *     {@code write.target-file-size-bytes}, else 512 MiB
 * @param minInputFiles files from which a group is worth a rewrite; default 5
 * @param whenAboveCap what happens to a rewrite above {@code maxBytes}; default {@link WhenAboveCap#SKIP}
 * @param verify how much is proved before the commit; default {@link Verify#COUNTS}
 * @param branch the branch to rewrite; default {@code main}
 * @param onUnreadable what happens to the other groups where a file of one cannot be rewritten; default
 *     {@link OnUnreadable#FAIL}
 */
public record CompactPolicy(
        Setting<Integer> minDataFiles,
        Setting<Long> maxBytes,
        @Nullable Setting<Long> targetFileSizeBytes,
        Setting<Integer> minInputFiles,
        Setting<WhenAboveCap> whenAboveCap,
        Setting<Verify> verify,
        Setting<String> branch,
        Setting<OnUnreadable> onUnreadable) {

    /** What happens to a rewrite that would read more than the cap. */
    public enum WhenAboveCap {
        /** Nothing is rewritten. */
        SKIP,
        /** The groups with the most gain that fit are rewritten; the rest is reported as backlog. */
        PARTIAL
    }

    /** What a data file that cannot be read, or not without loss, means for the rest of its table. */
    public enum OnUnreadable {
        /** Nothing is rewritten. */
        FAIL,
        /** Its group stays as it is, and the others are rewritten; the table counts as failed. */
        SKIP_GROUP
    }

    /** How much is proved of the written files before they are committed. */
    public enum Verify {
        /** Rows, and nulls per column. */
        COUNTS,
        /** Counts, and an order-independent fingerprint of every row. */
        FULL
    }
}
