package io.sink.orphans;

import io.sink.action.Setting;
import java.time.Duration;

/**
 * What was asked for the orphans of one table.
 *
 * @param olderThan files younger than this may be a writer's at work, and are left; at least {@link #FLOOR}
 * @param maxBytesPercent guard: a sweep that would take more than this share of the bytes that were listed is refused,
 *     1 to 100
 */
public record OrphanPolicy(Setting<Duration> olderThan, Setting<Integer> maxBytesPercent) {
    /** No file younger than this is an orphan, whatever is asked: writers stage files for hours before they commit. */
    public static final Duration FLOOR = Duration.ofHours(24);
}
