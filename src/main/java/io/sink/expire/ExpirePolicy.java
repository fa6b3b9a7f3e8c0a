package io.sink.expire;

import io.sink.action.Setting;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the expiry of one table's snapshots. A null setting was asked nowhere: the table's own property
 * decides, else Iceberg's default.
 *
 * @param olderThan snapshots older than this may go; else {@code history.expire.max-snapshot-age-ms}, else 5 days
 * @param retainLast snapshots of each branch that stay whatever their age, at least 1; else
 *     {@code history.expire.min-snapshots-to-keep}, else 1
 * @param maxExpireSnapshots guard: a plan that expires more snapshots than this is refused; else no limit
 * @param maxExpireBytesPercent guard: a plan that frees more than this share of the bytes that the table's snapshots
 *     reach is refused, 1 to 100; else no limit
 * @param history guards of the history by which somebody could see or undo what happened to a table
 * @param exclusive places outside the table's own where only tables with this setting have files, as the operator says
 */
public record ExpirePolicy(
        @Nullable Setting<OlderThan> olderThan,
        @Nullable Setting<Integer> retainLast,
        @Nullable Setting<Integer> maxExpireSnapshots,
        @Nullable Setting<Integer> maxExpireBytesPercent,
        History history,
        Setting<Exclusive> exclusive) {

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
     * Guards of a table's history. A null one is not asked for.
     *
     * @param maxShrinkPercent a plan is refused if {@code main} holds fewer rows than a snapshot that would expire by
     *     more than this, 1 to 100; default 90
     * @param maxGrowthPercent a plan is refused if {@code main} holds more rows than each snapshot that would expire by
     *     more than this
     * @param longestReader how long a query may run: a plan is refused if it expires a snapshot that was the newest so
     *     recently
     */
    public record History(
            @Nullable Setting<Integer> maxShrinkPercent,
            @Nullable Setting<Integer> maxGrowthPercent,
            @Nullable Setting<Duration> longestReader) {
        /** No guard. */
        public static final History UNGUARDED = new History(null, null, null);
    }
}
