package io.sink.table;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.Tasks;
import org.apache.iceberg.util.ThreadPools;

/**
 * Tells which of some files a table's metadata still needs.
 *
 * <p>Asked again about the same files or fewer with newer metadata, it reads only the snapshots and manifests that came
 * since. Any read error is thrown, since a file whose need is not known is needed.
 *
 * @ref LLP 0000#needed-files
 */
public final class LiveFiles {
    private final FileIO io;
    private final Spelling spelling;
    private final Set<Long> snapshotsRead = ConcurrentHashMap.newKeySet();
    private final Set<String> manifestsRead = ConcurrentHashMap.newKeySet();

    public LiveFiles(FileIO io) {
        this.io = io;
        this.spelling = Spelling.of(io);
    }

    /** For files of which it is known that nothing in this reading reaches them: asks only about what came since. */
    public static LiveFiles beyond(ReachableFiles reading, FileIO io) {
        LiveFiles live = new LiveFiles(io);
        live.snapshotsRead.addAll(reading.snapshots());
        live.manifestsRead.addAll(reading.manifests());
        return live;
    }

    /**
     * Those of the files that nothing in the metadata reaches: no snapshot, no statistics, no metadata log.
     *
     * @param files what is asked about; in a later call the answer to an earlier one, or part of it
     */
    public List<TableFile> unneeded(TableMetadata metadata, Collection<TableFile> files) {
        Map<String, TableFile> candidates = new ConcurrentHashMap<>();
        files.forEach(file -> candidates.put(spelling.normal(file.path()), file));
        named(metadata).map(spelling::normal).forEach(candidates::remove);
        if (!candidates.isEmpty()) {
            dropReached(metadata, candidates);
        }
        Map<String, TableFile> inOrder = new LinkedHashMap<>();
        files.forEach(file -> inOrder.putIfAbsent(spelling.normal(file.path()), file));
        inOrder.keySet().retainAll(candidates.keySet());
        return List.copyOf(inOrder.values());
    }

    /** Every file that the metadata itself names, without reading any other file. */
    static Stream<String> named(TableMetadata metadata) {
        Stream<String> lists = metadata.snapshots().stream()
                .map(Snapshot::manifestListLocation)
                .filter(list -> list != null);
        Stream<String> statistics = Stream.concat(
                metadata.statisticsFiles().stream().map(StatisticsFile::path),
                metadata.partitionStatisticsFiles().stream().map(PartitionStatisticsFile::path));
        Stream<String> log = Stream.concat(
                Stream.ofNullable(metadata.metadataFileLocation()),
                metadata.previousFiles().stream().map(TableMetadata.MetadataLogEntry::file));
        return Stream.of(lists, statistics, log).flatMap(paths -> paths);
    }

    private void dropReached(TableMetadata metadata, Map<String, TableFile> candidates) {
        Map<String, ManifestFile> manifests = new ConcurrentHashMap<>();
        List<Snapshot> unread = metadata.snapshots().stream()
                .filter(snapshot -> !snapshotsRead.contains(snapshot.snapshotId()))
                .toList();
        Tasks.foreach(unread)
                .executeWith(ThreadPools.getWorkerPool())
                .stopOnFailure()
                .throwFailureWhenFinished()
                .run(snapshot ->
                        Manifests.of(snapshot, io, manifest -> manifests.putIfAbsent(manifest.path(), manifest)));
        manifests.keySet().forEach(path -> candidates.remove(spelling.normal(path)));
        List<ManifestFile> asked = filesAsked(candidates)
                ? manifests.values().stream()
                        .filter(manifest -> !manifestsRead.contains(manifest.path()))
                        .toList()
                : List.of();
        Tasks.foreach(asked)
                .executeWith(ThreadPools.getWorkerPool())
                .stopOnFailure()
                .throwFailureWhenFinished()
                .run(manifest -> Manifests.livePaths(
                        manifest, io, metadata.specsById(), path -> candidates.remove(spelling.normal(path))));
        // Only now: a reading that failed gave no answer, so what it did read has to be read again for the next one, or
        // its files would seem unneeded. @ref LLP 0006#reachability
        asked.forEach(manifest -> manifestsRead.add(manifest.path()));
        unread.forEach(snapshot -> snapshotsRead.add(snapshot.snapshotId()));
    }

    private static boolean filesAsked(Map<String, TableFile> candidates) {
        // Not only data and delete files: metadata can call a data file statistics.
        return candidates.values().stream()
                .anyMatch(f -> f.kind() != FileKind.MANIFEST && f.kind() != FileKind.MANIFEST_LIST);
    }
}
