package io.sink.table;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/**
 * The snapshots and manifests that were read to find every file that a table's metadata reaches.
 *
 * @param snapshots the snapshots whose manifest lists were read
 * @param manifests the paths of the manifests that were read
 */
public record ReachableFiles(Set<Long> snapshots, Set<String> manifests) {

    public ReachableFiles {
        snapshots = Set.copyOf(snapshots);
        manifests = Set.copyOf(manifests);
    }

    /**
     * Passes every file that the metadata reaches to {@code each}, some more than once: data and delete files of every
     * snapshot, manifests, manifest lists, statistics, the metadata and its log. Only the paths of manifests are held
     * in memory.
     *
     * @param each gets the paths; called by several threads
     * @throws RuntimeException if anything cannot be read; the paths passed on before that are not all
     * @ref LLP 0000#needed-files
     */
    public static ReachableFiles of(TableMetadata metadata, FileIO io, Consumer<String> each) {
        LiveFiles.named(metadata).forEach(each);
        Map<String, ManifestFile> manifests = new ConcurrentHashMap<>();
        Ancestry ancestry = Ancestry.of(metadata);
        Parallel.each(
                metadata.snapshots(),
                snapshot -> Manifests.of(
                        ancestry, snapshot, io, manifest -> manifests.putIfAbsent(manifest.path(), manifest)));
        Parallel.each(manifests.values(), manifest -> {
            each.accept(manifest.path());
            Manifests.livePaths(manifest, io, metadata.specsById(), each);
        });
        return new ReachableFiles(
                metadata.snapshots().stream().map(Snapshot::snapshotId).collect(Collectors.toSet()),
                manifests.keySet());
    }
}
