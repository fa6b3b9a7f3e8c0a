package io.sink.manifests;

import io.sink.table.Ancestry;
import io.sink.table.Manifests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;

/**
 * Finds the manifests that are worth a rewrite: small ones of one partition spec that become fewer.
 *
 * @ref LLP 0015#manifests
 */
final class ManifestPlanner {
    /** New manifests of one run, each of which is open while the others are written: about 200 KB of memory each. */
    private static final int MOST_WRITTEN = 64;

    private final TableMetadata metadata;
    private final FileIO io;
    private final long target;

    ManifestPlanner(TableMetadata metadata, FileIO io) {
        this.metadata = metadata;
        this.io = io;
        this.target = metadata.propertyAsLong(
                TableProperties.MANIFEST_TARGET_SIZE_BYTES, TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT);
    }

    /** The rewrite of this snapshot; with no group where there is nothing to gain. */
    ManifestsPlan plan(Snapshot snapshot) {
        Map<Integer, List<ManifestFile>> small = new LinkedHashMap<>();
        int[] counts = new int[2];
        Manifests.of(Ancestry.of(metadata), snapshot, io, manifest -> {
            if (manifest.content() == ManifestContent.DATA) {
                counts[0]++;
                if (isSmall(manifest)) {
                    counts[1]++;
                    small.computeIfAbsent(manifest.partitionSpecId(), spec -> new ArrayList<>())
                            .add(manifest);
                }
            }
        });
        List<ManifestGroup> groups = new ArrayList<>();
        int backlog = 0;
        int room = MOST_WRITTEN;
        for (Map.Entry<Integer, List<ManifestFile>> spec : small.entrySet()) {
            List<ManifestFile> fitting = fitting(spec.getValue(), room);
            backlog += spec.getValue().size() - fitting.size();
            if (fitting.size() > wanted(fitting)) {
                ManifestGroup group = new ManifestGroup(spec.getKey(), fitting, clusters(spec.getKey(), fitting));
                groups.add(group);
                room -= group.clusters().count();
            }
        }
        return new ManifestsPlan(counts[0], counts[1], target, groups, backlog);
    }

    /**
     * Iceberg's rewrite cannot check a manifest without counts. A manifest without row ids, of a table that was just
     * upgraded, gets them by the next commit; here its rows would get others.
     */
    private boolean isSmall(ManifestFile manifest) {
        boolean counted = manifest.addedFilesCount() != null && manifest.existingFilesCount() != null;
        boolean withIds = metadata.formatVersion() < 3 || manifest.firstRowId() != null;
        return counted && withIds && manifest.length() < target / 4 * 3;
    }

    private List<ManifestFile> fitting(List<ManifestFile> manifests, int room) {
        List<ManifestFile> fitting = new ArrayList<>();
        long bytes = 0;
        for (ManifestFile manifest : manifests) {
            bytes += manifest.length();
            if (bytes > room * target) {
                break;
            }
            fitting.add(manifest);
        }
        return fitting;
    }

    private int wanted(List<ManifestFile> manifests) {
        return ManifestGroup.files(manifests) == 0
                ? 0
                : (int) Math.max(1, (ManifestGroup.bytes(manifests) + target - 1) / target);
    }

    private ManifestGroup.Clusters clusters(int specId, List<ManifestFile> manifests) {
        int wanted = wanted(manifests);
        if (wanted > 1) {
            PartitionSpec spec = Objects.requireNonNull(metadata.specsById().get(specId), "spec " + specId);
            ByPartition byPartition =
                    spec.isUnpartitioned() ? null : ByPartition.over(manifests, spec, wanted, io, metadata.specsById());
            return byPartition == null ? InOrder.over(manifests, wanted) : byPartition;
        }
        return wanted == 0 ? new InOrder(0, Map.of()) : InOrder.over(manifests, 1);
    }
}
