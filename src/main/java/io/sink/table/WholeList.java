package io.sink.table;

import java.util.Objects;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a manifest list names all manifests that it must. Nothing in a table says how long a list is, and a list
 * that was cut between two blocks reads without an error. So it is compared with the snapshot's summary.
 *
 * @ref LLP 0020#lists
 */
final class WholeList {
    private final Ancestry ancestry;
    private final Snapshot snapshot;
    private final FileIO io;
    private final Totals.Sum sum = new Totals.Sum();
    private @Nullable Long ownDataFiles = 0L;
    private @Nullable Long ownDeleteFiles = 0L;

    WholeList(Ancestry ancestry, Snapshot snapshot, FileIO io) {
        this.ancestry = ancestry;
        this.snapshot = snapshot;
        this.io = io;
    }

    /** @throws UnreadableMetadataException if the manifest is of a partition spec that the table does not have */
    void add(ManifestFile manifest) {
        if (!ancestry.specs().containsKey(manifest.partitionSpecId())) {
            throw shorter("it names %s as one of partition spec %d, which the table does not have"
                    .formatted(manifest.path(), manifest.partitionSpecId()));
        }
        sum.add(manifest);
        if (Objects.equals(manifest.snapshotId(), snapshot.snapshotId())) {
            if (manifest.content() == ManifestContent.DATA) {
                ownDataFiles = plus(ownDataFiles, manifest.addedFilesCount());
            } else {
                ownDeleteFiles = plus(ownDeleteFiles, manifest.addedFilesCount());
            }
        }
    }

    private static @Nullable Long plus(@Nullable Long some, @Nullable Integer more) {
        return some == null || more == null ? null : (Long) (some + more);
    }

    /** @throws UnreadableMetadataException if the list names fewer manifests than it must */
    void check() {
        if (snapshot.manifestListLocation() == null) {
            return; // the metadata itself names the manifests
        }
        Long created = Totals.said(snapshot, SnapshotSummary.CREATED_MANIFESTS_COUNT);
        Long kept = Totals.said(snapshot, SnapshotSummary.KEPT_MANIFESTS_COUNT);
        if (created != null && kept != null) {
            // The writer counted these in the list itself, unlike totals, which each commit adds to those of the one
            // before.
            if (sum.manifests() < created + kept) {
                throw shorter("it names %d manifests, and the snapshot's summary says %d created and %d kept"
                        .formatted(sum.manifests(), created, kept));
            }
            return;
        }
        Totals listed = sum.total(io, ancestry.specs());
        if (listed.isLessThanSaid(snapshot)) {
            if (!isOldDifference(listed)
                    && Totals.read(snapshot, io, ancestry.specs()).isLessThanSaid(snapshot)) {
                throw shorter(("it names %s, and the totals in the snapshot's summary are more: %s; if the list is"
                                + " whole, the totals are wrong, which can be told after the table's next commit")
                        .formatted(listed, snapshot.summary()));
            }
        } else if (!listed.isAsSaid(snapshot)) {
            unlessAdded(listed);
        }
    }

    /**
     * Checks a list that no total vouches for: it must have what its own snapshot added, and after an append also what
     * the parent had.
     */
    private void unlessAdded(Totals listed) {
        Long data = Totals.said(snapshot, SnapshotSummary.ADDED_FILES_PROP);
        Long deletes = Totals.said(snapshot, SnapshotSummary.ADDED_DELETE_FILES_PROP);
        if (isLess(ownDataFiles, data) || isLess(ownDeleteFiles, deletes)) {
            throw shorter(("of what the snapshot added it names %s data files and %s delete files, and its summary says"
                            + " %s and %s")
                    .formatted(ownDataFiles, ownDeleteFiles, data, deletes));
        }
        Snapshot parent = DataOperations.APPEND.equals(snapshot.operation()) ? ancestry.parent(snapshot) : null;
        Totals before = parent == null ? null : ancestry.listed(parent, io);
        if (before != null
                && (listed.dataFiles() < before.dataFiles() + orNone(ownDataFiles)
                        || listed.deleteFiles() < before.deleteFiles() + orNone(ownDeleteFiles))) {
            throw shorter("it names %s, and the snapshot that it was appended to %s".formatted(listed, before));
        }
    }

    private static long orNone(@Nullable Long own) {
        return own == null ? 0 : own;
    }

    private static boolean isLess(@Nullable Long named, @Nullable Long said) {
        return named != null && said != null && named < said;
    }

    /** Iceberg does not count the duplicates that a commit removes, so every later total has the difference too. */
    private boolean isOldDifference(Totals listed) {
        return listed.manifests() > 0
                && Totals.said(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP) != null
                && new Differences(ancestry, io).isInherited(snapshot, listed);
    }

    private UnreadableMetadataException shorter(String why) {
        return new UnreadableMetadataException(
                "manifest list " + snapshot.manifestListLocation() + " of snapshot " + snapshot.snapshotId(),
                why,
                null);
    }
}
