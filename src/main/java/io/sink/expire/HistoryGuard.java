package io.sink.expire;

import io.sink.action.Setting;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.Ancestry;
import io.sink.table.Manifests;
import io.sink.table.UnreadableMetadataException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/**
 * Refuses to expire snapshots by which a large change of the table could be seen or undone, and snapshots that a query
 * may still read.
 *
 * @ref LLP 0006#history
 */
record HistoryGuard(ExpirePolicy.History policy, TableMetadata base, Set<Long> going) {
    /** A table that never had this many rows is not guarded: its size may change at will. */
    private static final long FEWEST_ROWS = 1_000;

    /** Rows and data files according to the manifests; rows that delete files drop are included. */
    private record Size(long rows, long files) {}

    /** Why these snapshots may not go, or null. */
    @Nullable
    ActionResult refusal(Instant now, FileIO io) {
        ActionResult reader = inUse(now);
        return reader != null ? reader : outOfShape(io);
    }

    private @Nullable ActionResult inUse(Instant now) {
        Setting<Duration> longest = policy.longestReader();
        if (longest == null) {
            return null;
        }
        Map<Long, Instant> newestUntil = newestUntil();
        return going.stream()
                .filter(newestUntil::containsKey)
                .max(Comparator.comparing((Long id) -> newestUntil.getOrDefault(id, Instant.MIN)))
                .filter(id -> newestUntil.getOrDefault(id, Instant.MIN).isAfter(now.minus(longest.value())))
                .map(id -> ActionResult.of(
                        Reason.EXPIRY_GUARD,
                        ("snapshot %d would expire and was the newest until %s; a reader that began before may"
                                                + " read it for")
                                        .formatted(id, newestUntil.get(id))
                                + " longest-reader %s (%s)".formatted(longest.value(), longest.source())))
                .orElse(null);
    }

    /** When each snapshot was replaced: by main's history, which knows of rollbacks, and by what was built on it. */
    private Map<Long, Instant> newestUntil() {
        Map<Long, Instant> until = new HashMap<>();
        List<HistoryEntry> log = base.snapshotLog();
        for (int entry = 0; entry + 1 < log.size(); entry++) {
            later(until, log.get(entry).snapshotId(), log.get(entry + 1).timestampMillis());
        }
        for (Snapshot snapshot : base.snapshots()) {
            if (snapshot.parentId() != null) {
                later(until, snapshot.parentId(), snapshot.timestampMillis());
            }
        }
        return until;
    }

    private static void later(Map<Long, Instant> until, long id, long millis) {
        until.merge(id, Instant.ofEpochMilli(millis), (one, other) -> one.isAfter(other) ? one : other);
    }

    private @Nullable ActionResult outOfShape(FileIO io) {
        Setting<Integer> shrink = policy.maxShrinkPercent();
        Setting<Integer> growth = policy.maxGrowthPercent();
        Snapshot current = base.currentSnapshot();
        if (current == null || (shrink == null && growth == null)) {
            return null;
        }
        Optional<Snapshot> largest = largestGoing(current);
        Ancestry ancestry = Ancestry.of(base);
        Size then = largest.isEmpty() ? null : sizeOfGoing(largest.get(), ancestry, io);
        Size now = then == null ? null : size(current, ancestry, io);
        if (then == null || now == null || Math.max(then.rows(), now.rows()) < FEWEST_ROWS) {
            return null;
        }
        double change = 100.0 * (now.rows() - then.rows()) / Math.max(1, then.rows());
        if (shrink != null && -change > shrink.value()) {
            return changed(Reason.TABLE_SHRANK, now, largest.get(), then, "max-shrink-percent", shrink);
        }
        return growth != null && change > growth.value()
                ? changed(Reason.TABLE_GREW, now, largest.get(), then, "max-growth-percent", growth)
                : null;
    }

    private static ActionResult changed(
            Reason reason, Size now, Snapshot old, Size then, String guard, Setting<Integer> limit) {
        return ActionResult.of(
                reason,
                ("main has %d rows in %d files, and snapshot %d of %s, which would expire, has %d in %d; more"
                                        + " than %s %d (%s)")
                                .formatted(
                                        now.rows(),
                                        now.files(),
                                        old.snapshotId(),
                                        Instant.ofEpochMilli(old.timestampMillis()),
                                        then.rows(),
                                        then.files(),
                                        guard,
                                        limit.value(),
                                        limit.source())
                        + "; if that is meant, raise the guard for one run, else roll back to it");
    }

    /** The expiring ancestor of main with the most rows by its summary, so that choosing it reads no manifest. */
    private Optional<Snapshot> largestGoing(Snapshot current) {
        return StreamSupport.stream(
                        SnapshotUtil.ancestorsOf(current.snapshotId(), base::snapshot)
                                .spliterator(),
                        false)
                .filter(ancestor -> going.contains(ancestor.snapshotId()))
                .max(Comparator.comparingLong(HistoryGuard::saidRows));
    }

    private static long saidRows(Snapshot snapshot) {
        return said(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP);
    }

    private static long said(Snapshot snapshot, String property) {
        String said = snapshot.summary() == null ? null : snapshot.summary().get(property);
        try {
            return said == null ? 0 : Long.parseLong(said);
        } catch (NumberFormatException foreign) {
            return 0;
        }
    }

    /** If the manifest list is missing or damaged, the summary counts, or the table could never expire again. */
    private static @Nullable Size sizeOfGoing(Snapshot snapshot, Ancestry ancestry, FileIO io) {
        try {
            return size(snapshot, ancestry, io);
        } catch (NotFoundException | UnreadableMetadataException e) {
            return new Size(saidRows(snapshot), said(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP));
        }
    }

    /** Null if a writer left the counts out. */
    private static @Nullable Size size(Snapshot snapshot, Ancestry ancestry, FileIO io) {
        long[] sums = new long[3];
        Manifests.of(ancestry, snapshot, io, manifest -> {
            if (manifest.content() != ManifestContent.DATA) {
                return;
            }
            if (manifest.addedRowsCount() == null
                    || manifest.existingRowsCount() == null
                    || manifest.addedFilesCount() == null
                    || manifest.existingFilesCount() == null) {
                sums[2]++;
                return;
            }
            sums[0] += manifest.addedRowsCount() + manifest.existingRowsCount();
            sums[1] += manifest.addedFilesCount() + manifest.existingFilesCount();
        });
        return sums[2] > 0 ? null : new Size(sums[0], sums[1]);
    }
}
