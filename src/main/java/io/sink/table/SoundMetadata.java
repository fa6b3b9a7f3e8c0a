package io.sink.table;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Checks a table's metadata, so that code that follows parent snapshots comes to an end.
 *
 * @ref LLP 0020#claims
 */
public final class SoundMetadata {
    private SoundMetadata() {}

    /** @throws UnreadableMetadataException if a snapshot is its own ancestor */
    public static void require(@Nullable TableMetadata metadata) {
        if (metadata == null) {
            return;
        }
        Map<Long, @Nullable Long> parents = new HashMap<>();
        for (Snapshot snapshot : metadata.snapshots()) {
            parents.put(snapshot.snapshotId(), snapshot.parentId());
        }
        Set<Long> ending = new HashSet<>();
        for (Long start : parents.keySet()) {
            Set<Long> way = new LinkedHashSet<>();
            for (Long id = start; id != null && parents.containsKey(id) && !ending.contains(id); id = parents.get(id)) {
                if (!way.add(id)) {
                    throw UnreadableMetadataException.wrong(
                            String.valueOf(metadata.metadataFileLocation()),
                            "snapshot %d is its own ancestor; repair the table's parent-snapshot-id".formatted(id));
                }
            }
            ending.addAll(way);
        }
    }
}
