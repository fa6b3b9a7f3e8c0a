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
 * The snapshots beside which a manifest list is judged: what it was written upon, and what was written upon it. Reads
 * their lists only where the list's own snapshot does not tell whether it is whole, and each once.
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

    /** Of all snapshots of the metadata. */
    public static Ancestry of(TableMetadata metadata) {
        return of(metadata.snapshots(), metadata.specsById());
    }

    /** Of all snapshots of the table. */
    public static Ancestry of(Table table) {
        return of(table.snapshots(), table.specs());
    }

    /** @param specs of the table, by their ids */
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

    /** What a list names, or null where it cannot be read. */
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
