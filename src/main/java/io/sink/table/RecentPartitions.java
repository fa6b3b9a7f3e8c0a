package io.sink.table;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.ManifestFile;
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
    /** Without the other columns a file takes little memory, however many there are. */
    private static final List<String> PARTITION = List.of(DataFile.PARTITION_NAME);

    private final Table table;
    private final PartitionSet partitions;
    private @Nullable Instant knownSince;

    private RecentPartitions(Table table) {
        this.table = table;
        this.partitions = PartitionSet.create(table.specs());
    }

    /**
     * Reads the manifests that were written for the snapshots since then.
     *
     * @param start the newest snapshot of the branch
     * @throws UnreadableMetadataException if a list or a manifest is not whole
     * @throws RuntimeException if one of them cannot be read
     */
    public static RecentPartitions since(Table table, Snapshot start, Instant since) {
        RecentPartitions recent = new RecentPartitions(table);
        Ancestry ancestry = Ancestry.of(table);
        Snapshot snapshot = start;
        while (snapshot.timestampMillis() > since.toEpochMilli()) {
            if (!DataOperations.REPLACE.equals(snapshot.operation())) {
                recent.add(ancestry, snapshot);
            }
            Long parentId = snapshot.parentId();
            if (parentId == null) {
                break;
            }
            Snapshot parent = table.snapshot(parentId);
            if (parent == null) {
                recent.knownSince = Instant.ofEpochMilli(snapshot.timestampMillis());
                break;
            }
            snapshot = parent;
        }
        return recent;
    }

    private void add(Ancestry ancestry, Snapshot snapshot) {
        List<ManifestFile> written = new ArrayList<>();
        Manifests.of(ancestry, snapshot, table.io(), manifest -> {
            if (Objects.equals(manifest.snapshotId(), snapshot.snapshotId())) {
                written.add(manifest);
            }
        });
        boolean takes = false;
        for (ManifestFile manifest : written) {
            takes |= manifest.deletedFilesCount() == null || manifest.deletedFilesCount() > 0;
            Manifests.liveFiles(manifest, table.io(), table.specs(), PARTITION, file -> {
                Long added = file.fileSequenceNumber();
                // Format version 1 numbers nothing: there, what a manifest took over counts as added.
                if (added == null || snapshot.sequenceNumber() == 0 || added == snapshot.sequenceNumber()) {
                    add(file);
                }
            });
        }
        if (takes) {
            // Only Iceberg's own class tells of entries that are taken out; the manifests are known to be whole by now.
            SnapshotChanges.builderFor(table)
                    .snapshot(snapshot)
                    .build()
                    .removedDataFiles()
                    .forEach(this::add);
        }
    }

    private void add(ContentFile<?> file) {
        partitions.add(file.specId(), file.partition());
    }

    /**
     * Where the history begins, if that is later than was asked for: what was committed before it cannot be told.
     */
    public @Nullable Instant knownSince() {
        return knownSince;
    }

    /** Whether something was committed lately in the file's partition, as far as the history tells. */
    public boolean has(ContentFile<?> file) {
        return partitions.contains(file.specId(), file.partition());
    }
}
