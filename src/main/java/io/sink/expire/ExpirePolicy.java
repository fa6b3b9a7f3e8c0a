package io.sink.expire;

import io.sink.action.Setting;
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
 */
public record ExpirePolicy(
        @Nullable Setting<OlderThan> olderThan,
        @Nullable Setting<Integer> retainLast,
        @Nullable Setting<Integer> maxExpireSnapshots,
        @Nullable Setting<Integer> maxExpireBytesPercent) {}
