package io.sink.expire;

import io.sink.action.Setting;
import io.sink.table.SimulatedOperations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The retention that applies to one table, with every value's source.
 *
 * @param olderThan snapshots older than this may go
 * @param retainLast snapshots of each branch that stay whatever their age
 * @param cutoff the instant that {@code olderThan} comes to
 */
record Retention(Setting<OlderThan> olderThan, Setting<Integer> retainLast, Instant cutoff) {

    /**
     * What was asked, else the table's properties, else Iceberg's defaults.
     *
     * @throws IllegalArgumentException if a table property is not a number
     */
    static Retention of(ExpirePolicy policy, TableMetadata metadata, Instant now) {
        Setting<OlderThan> olderThan = policy.olderThan();
        if (olderThan == null) {
            Setting<Long> ageMs = property(
                    metadata, TableProperties.MAX_SNAPSHOT_AGE_MS, TableProperties.MAX_SNAPSHOT_AGE_MS_DEFAULT);
            olderThan = new Setting<>(new OlderThan.Age(Duration.ofMillis(ageMs.value())), ageMs.source());
        }
        Setting<Integer> retainLast = policy.retainLast();
        if (retainLast == null) {
            Setting<Long> keep = property(
                    metadata, TableProperties.MIN_SNAPSHOTS_TO_KEEP, TableProperties.MIN_SNAPSHOTS_TO_KEEP_DEFAULT);
            retainLast = new Setting<>((int) Math.min(keep.value(), Integer.MAX_VALUE), keep.source());
        }
        return new Retention(olderThan, retainLast, cutoff(olderThan.value(), now));
    }

    /** The age as an instant; an age that reaches back before 1970 keeps everything. */
    private static Instant cutoff(OlderThan olderThan, Instant now) {
        try {
            Instant cutoff = olderThan.cutoff(now);
            return cutoff.isBefore(Instant.EPOCH) ? Instant.EPOCH : cutoff;
        } catch (DateTimeException | ArithmeticException e) {
            return Instant.EPOCH;
        }
    }

    private static Setting<Long> property(TableMetadata metadata, String key, long icebergDefault) {
        String value = metadata.properties().get(key);
        if (value == null) {
            return new Setting<>(icebergDefault, "Iceberg default");
        }
        try {
            return new Setting<>(Long.parseLong(value.strip()), "table property " + key);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "table property %s is '%s', which is not a whole number; correct it on the table"
                            .formatted(key, value),
                    e);
        }
    }

    /**
     * The table's metadata after the expiry, by Iceberg's own rules for branches, tags and staged snapshots.
     *
     * <p>Nothing is read from storage and nothing is written.
     */
    TableMetadata applyTo(TableMetadata metadata, FileIO io) {
        return applyTo(metadata, io, cutoff);
    }

    /**
     * When the snapshots that only their age keeps become old enough, if nothing is committed until then. Empty if
     * there are none, if the cutoff is a fixed instant, or if a ref has settings of its own, which Iceberg applies by
     * its own clock.
     *
     * @param after what {@link #applyTo} made of the metadata
     */
    String due(TableMetadata after, FileIO io, Instant now) {
        if (!(olderThan.value() instanceof OlderThan.Age age)
                || after.refs().values().stream().anyMatch(ref -> ownSettings(ref) != null)) {
            return "";
        }
        TableMetadata last = applyTo(after, io, now);
        List<Instant> times = after.snapshots().stream()
                .filter(snapshot -> last.snapshot(snapshot.snapshotId()) == null)
                .map(snapshot -> Instant.ofEpochMilli(snapshot.timestampMillis()))
                .sorted()
                .toList();
        if (times.isEmpty()) {
            return "";
        }
        Instant first = times.get(0).plus(age.age());
        Instant end = times.get(times.size() - 1).plus(age.age());
        return times.size() == 1
                ? "1 more may go from %s on".formatted(first)
                : "%d more may go from %s on, the last of them from %s on".formatted(times.size(), first, end);
    }

    private TableMetadata applyTo(TableMetadata metadata, FileIO io, Instant cutoff) {
        SimulatedOperations simulated = new SimulatedOperations(metadata, io);
        new BaseTable(simulated, "simulated")
                .expireSnapshots()
                .expireOlderThan(cutoff.toEpochMilli())
                .retainLast(Math.max(1, retainLast.value()))
                .cleanupLevel(CleanupLevel.NONE)
                .commit();
        return simulated.current();
    }

    /** One sentence on what was applied, the refs' own settings included. */
    String describe(TableMetadata metadata) {
        List<String> own = new ArrayList<>();
        metadata.refs().forEach((name, ref) -> {
            String settings = ownSettings(ref);
            if (settings != null) {
                own.add((ref.isBranch() ? "branch " : "tag ") + name + " has its own " + settings);
            }
        });
        String all = "snapshots before %s (%s), last %d of each branch kept (%s)"
                .formatted(cutoff, olderThan.source(), Math.max(1, retainLast.value()), retainLast.source());
        return own.isEmpty() ? all : all + "; " + String.join("; ", own);
    }

    private static @Nullable String ownSettings(SnapshotRef ref) {
        List<String> settings = new ArrayList<>();
        if (ref.maxSnapshotAgeMs() != null) {
            settings.add("max-snapshot-age-ms=" + ref.maxSnapshotAgeMs());
        }
        if (ref.minSnapshotsToKeep() != null) {
            settings.add("min-snapshots-to-keep=" + ref.minSnapshotsToKeep());
        }
        if (ref.maxRefAgeMs() != null) {
            settings.add("max-ref-age-ms=" + ref.maxRefAgeMs());
        }
        return settings.isEmpty() ? null : String.join(", ", settings);
    }
}
