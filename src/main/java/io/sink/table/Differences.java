package io.sink.table;

import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * By how many files the totals in summaries exceed what manifest lists name, from snapshot to snapshot. A difference
 * that is inherited is an error in the totals; one that first appears in a snapshot means that its list was cut.
 *
 * @ref LLP 0020#totals
 */
record Differences(Ancestry ancestry, FileIO io) {

    private record Difference(long data, long deletes) {

        static Difference of(Snapshot snapshot, Totals listed) {
            Long data = Totals.said(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP);
            Long deletes = Totals.said(snapshot, SnapshotSummary.TOTAL_DELETE_FILES_PROP);
            return new Difference(
                    data == null ? 0 : data - listed.dataFiles(), deletes == null ? 0 : deletes - listed.deleteFiles());
        }

        /** Whether it exceeds the parent's difference by just the removed duplicates, which totals do not count. */
        boolean follows(Difference before, long duplicates) {
            return data >= before.data
                    && deletes >= before.deletes
                    && data - before.data + deletes - before.deletes == duplicates;
        }
    }

    /**
     * Whether the difference appeared with a commit that removed duplicates, or is as old as the known history of the
     * table, which then must have more than one list.
     */
    boolean isInherited(Snapshot snapshot, Totals listed) {
        Set<Long> seen = new HashSet<>();
        Snapshot child = snapshot;
        Difference after = Difference.of(snapshot, listed);
        while (seen.add(child.snapshotId())) {
            long duplicates = duplicates(child);
            if (duplicates > 0 && after.follows(new Difference(0, 0), duplicates)) {
                return true;
            }
            Snapshot parent = ancestry.parent(child);
            if (parent == null) {
                return seen.size() > 1 || hasChildLike(snapshot, after);
            }
            Difference before = listed(parent);
            if (before == null || !after.follows(before, duplicates)) {
                return false;
            }
            child = parent;
            after = before;
        }
        return false;
    }

    private boolean hasChildLike(Snapshot snapshot, Difference before) {
        return ancestry.snapshots().stream()
                .filter(child -> snapshot.equals(ancestry.parent(child)))
                .anyMatch(child -> {
                    Difference after = listed(child);
                    return after != null && after.follows(before, duplicates(child));
                });
    }

    private @Nullable Difference listed(Snapshot snapshot) {
        Totals listed = ancestry.listed(snapshot, io);
        return listed == null || listed.manifests() == 0 ? null : Difference.of(snapshot, listed);
    }

    private static long duplicates(Snapshot snapshot) {
        Long said = Totals.said(snapshot, SnapshotSummary.DELETED_DUPLICATE_FILES);
        return said == null ? 0 : Math.max(0, said);
    }
}
