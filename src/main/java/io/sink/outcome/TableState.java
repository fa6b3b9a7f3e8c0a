package io.sink.outcome;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table's figures at one moment, read from its metadata.
 *
 * @param snapshotId the current snapshot of {@code main}, or null where there is none
 * @param snapshots snapshots that the metadata lists
 * @param refs branches and tags, {@code main} included
 * @param sizes live data files of {@code main} by size, or null if they were not asked for
 */
public record TableState(
        @Nullable Long snapshotId,
        int snapshots,
        int refs,
        @Nullable List<Inspection.Bucket> sizes) {

    public TableState {
        sizes = sizes == null ? null : List.copyOf(sizes);
    }

    /** Figures from the metadata alone, without those for which manifests have to be read. */
    public TableState(@Nullable Long snapshotId, int snapshots, int refs) {
        this(snapshotId, snapshots, refs, null);
    }

    /** This state with the live data files by size. */
    public TableState with(@Nullable List<Inspection.Bucket> sizes) {
        return new TableState(snapshotId, snapshots, refs, sizes);
    }
}
