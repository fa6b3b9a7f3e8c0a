package io.sink.table;

import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * By how many files the totals of summaries claim more than lists name, from snapshot to snapshot: a difference that is
 * passed on is an error in the totals, and one that appears is a list that was cut.
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

        /** Whether it comes of the one before by the duplicates that were removed and not counted, of either kind. */
        boolean follows(Difference before, long duplicates) {
            return data >= before.data
                    && deletes >= before.deletes
                    && data - before.data + deletes - before.deletes == duplicates;
        }
    }

    /**
     * Whether the difference appeared with a commit that says so, or is as old as all that is known of the table's
     * history, which then has to be of more than one list.
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
