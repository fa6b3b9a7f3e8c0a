package io.sink.table;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The parents and children of a snapshot, which help to judge whether its manifest list is complete. Their lists are
 * read only if the snapshot itself does not tell that, and each list once.
 *
 * @ref LLP 0020#lists
 */
public final class Ancestry {
    private final Map<Long, Snapshot> snapshots = new HashMap<>();
    private final Map<Integer, PartitionSpec> specs;
    private final Map<Long, Optional<Totals>> read = new ConcurrentHashMap<>();

    private Ancestry(Iterable<Snapshot> snapshots, Map<Integer, PartitionSpec> specs) {
        snapshots.forEach(snapshot -> this.snapshots.put(snapshot.snapshotId(), snapshot));
        this.specs = specs;
    }

    /** An ancestry of all snapshots of the metadata. */
    public static Ancestry of(TableMetadata metadata) {
        return of(metadata.snapshots(), metadata.specsById());
    }

    /** An ancestry of all snapshots of the table. */
    public static Ancestry of(Table table) {
        return of(table.snapshots(), table.specs());
    }

    /**
     * An ancestry of these snapshots.
     *
     * @param specs the table's partition specs by id
     */
    public static Ancestry of(Iterable<Snapshot> snapshots, Map<Integer, PartitionSpec> specs) {
        return new Ancestry(snapshots, specs);
    }

    Map<Integer, PartitionSpec> specs() {
        return specs;
    }

    @Nullable
    Snapshot parent(Snapshot snapshot) {
        Long parent = snapshot.parentId();
        return parent == null || parent == snapshot.snapshotId() ? null : snapshots.get(parent);
    }

    Collection<Snapshot> snapshots() {
        return snapshots.values();
    }

    /** The totals of what a snapshot's manifest list names; null if the list cannot be read. */
    @Nullable
    Totals listed(Snapshot snapshot, FileIO io) {
        return read.computeIfAbsent(snapshot.snapshotId(), id -> {
                    Totals.Sum sum = new Totals.Sum();
                    try {
                        Manifests.read(snapshot, io, sum::add);
                        return Optional.of(sum.total(io, specs));
                    } catch (RuntimeException e) {
                        return Optional.empty();
                    }
                })
                .orElse(null);
    }
}
