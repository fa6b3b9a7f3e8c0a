package io.sink.compact;

import io.sink.table.LiveDeletes;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * What others did to the inputs of a rewrite that Iceberg's own validation does not see.
 *
 * <p>That validation looks for new position deletes by the path bounds in their manifests, which some writers truncate.
 * It does not look for row ids that the inputs were given meanwhile.
 *
 * @param formatVersion the table's format version when the rewrite was planned
 */
record ChangedInputs(CompactPlan plan, int formatVersion) {
    private static final int ROW_LINEAGE = 3;

    /** Why the rewrite may not be committed on this metadata, or null. */
    @Nullable
    String since(FileIO io, TableMetadata base) {
        if (base.formatVersion() != formatVersion) {
            return "the table was upgraded from format version " + formatVersion + " to " + base.formatVersion();
        }
        SnapshotRef branch = base.ref(plan.branch());
        Snapshot head = branch == null ? null : base.snapshot(branch.snapshotId());
        if (head == null || head.snapshotId() == plan.startSnapshotId()) {
            return null;
        }
        // The commit after an upgrade gives ids to the rows that have none; ours would give them others.
        if (formatVersion >= ROW_LINEAGE && inputs().anyMatch(file -> file.firstRowId() == null)) {
            return "rows that had no row id yet may have been given one";
        }
        String deleted = LiveDeletes.deletedSince(
                io,
                base,
                head,
                plan.startSequenceNumber(),
                inputs().map(DataFile::location).collect(Collectors.toSet()));
        return deleted == null ? null : "rows were deleted from " + deleted;
    }

    private Stream<DataFile> inputs() {
        return plan.groups().stream().flatMap(group -> group.dataFiles().stream());
    }
}
