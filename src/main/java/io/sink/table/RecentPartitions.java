package io.sink.table;

import java.time.Instant;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.PartitionSet;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of a branch in which something was committed lately. Rewrites change no row and do not count.
 *
 * @ref LLP 0029#busy
 */
public final class RecentPartitions {
    private final PartitionSet partitions;
    private final @Nullable Instant knownSince;

    private RecentPartitions(PartitionSet partitions, @Nullable Instant knownSince) {
        this.partitions = partitions;
        this.knownSince = knownSince;
    }

    /**
     * Reads the manifests of the snapshots since then.
     *
     * @param start the newest snapshot of the branch
     * @throws RuntimeException if one of them cannot be read
     */
    public static RecentPartitions since(Table table, Snapshot start, Instant since) {
        PartitionSet partitions = PartitionSet.create(table.specs());
        Snapshot snapshot = start;
        while (snapshot.timestampMillis() > since.toEpochMilli()) {
            if (!DataOperations.REPLACE.equals(snapshot.operation())) {
                SnapshotChanges changes =
                        SnapshotChanges.builderFor(table).snapshot(snapshot).build();
                add(partitions, changes.addedDataFiles());
                add(partitions, changes.removedDataFiles());
                add(partitions, changes.addedDeleteFiles());
            }
            Long parentId = snapshot.parentId();
            if (parentId == null) {
                break;
            }
            Snapshot parent = table.snapshot(parentId);
            if (parent == null) {
                return new RecentPartitions(partitions, Instant.ofEpochMilli(snapshot.timestampMillis()));
            }
            snapshot = parent;
        }
        return new RecentPartitions(partitions, null);
    }

    private static void add(PartitionSet partitions, Iterable<? extends ContentFile<?>> files) {
        files.forEach(file -> partitions.add(file.specId(), file.partition()));
    }

    /** Where the history ends that was looked for, if snapshots expired that were committed later than asked for. */
    public @Nullable Instant knownSince() {
        return knownSince;
    }

    /** Whether something was committed lately in the file's partition, as far as the history tells. */
    public boolean has(ContentFile<?> file) {
        return partitions.contains(file.specId(), file.partition());
    }
}
