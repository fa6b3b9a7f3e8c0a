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
 * Checks a table's metadata: that it has the schema, spec and order that it says are the current ones, and that code
 * which follows parent snapshots comes to an end.
 *
 * @ref LLP 0020#claims
 */
public final class SoundMetadata {
    private SoundMetadata() {}

    /** @throws UnreadableMetadataException if something is missing, or a snapshot is its own ancestor */
    public static void require(@Nullable TableMetadata metadata) {
        if (metadata == null) {
            return;
        }
        requireDefaults(metadata);
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

    private static void requireDefaults(TableMetadata metadata) {
        require(metadata, metadata.schemasById().containsKey(metadata.currentSchemaId()), "current-schema-id");
        require(metadata, metadata.specsById().containsKey(metadata.defaultSpecId()), "default-spec-id");
        require(
                metadata,
                metadata.sortOrdersById().containsKey(metadata.defaultSortOrderId()),
                "default-sort-order-id");
    }

    private static void require(TableMetadata metadata, boolean isThere, String field) {
        if (!isThere) {
            throw UnreadableMetadataException.wrong(
                    String.valueOf(metadata.metadataFileLocation()), field + " names none that is there");
        }
    }
}
