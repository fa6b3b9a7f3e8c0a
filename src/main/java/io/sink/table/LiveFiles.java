package io.sink.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

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
    private final LocationNormalizer spelling;
    private final Set<Long> snapshotsRead = ConcurrentHashMap.newKeySet();
    private final Set<String> manifestsRead = ConcurrentHashMap.newKeySet();
    private @Nullable Ancestry ancestry;

    /** @param io the storage that manifests are read from */
    public LiveFiles(FileIO io) {
        this.io = io;
        this.spelling = LocationNormalizer.of(io);
    }

    /** Has the next reading judge lists beside snapshots that the metadata does not hold any more. */
    LiveFiles beside(Ancestry known) {
        ancestry = known;
        return this;
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
     * <p>Whatever the files are, all that the metadata reaches is read: a manifest that is damaged is found before
     * anything goes by which it could be replaced. @ref LLP 0020#always
     *
     * @param files what is asked about; in a later call the answer to an earlier one, or part of it
     */
    public List<TableFile> unneeded(TableMetadata metadata, Collection<TableFile> files) {
        return ask(metadata, files).unneeded();
    }

    /**
     * Which of the files go.
     *
     * @param unneeded those that nothing in the metadata reaches, each once
     * @param doubtful those that it reaches under another spelling, which some storages take for the same file and
     *     others do not: needed until somebody looks
     * @ref LLP 0019#exact
     */
    public record Answer(List<TableFile> unneeded, List<TableFile> doubtful) {}

    /** As {@link #unneeded}, and those that are kept only for what their names could be taken for. */
    public Answer ask(TableMetadata metadata, Collection<TableFile> files) {
        Candidates candidates = new Candidates(spelling, files);
        named(metadata).forEach(candidates::reached);
        if (!files.isEmpty()) {
            dropReached(metadata, candidates);
        }
        return candidates.answer(files);
    }

    /** Files that are asked about, by what their locations fold to. */
    private static final class Candidates {
        private final LocationNormalizer spelling;
        private final Map<String, List<TableFile>> byFolded = new ConcurrentHashMap<>();
        private final Queue<TableFile> doubtful = new ConcurrentLinkedQueue<>();

        Candidates(LocationNormalizer spelling, Collection<TableFile> files) {
            this.spelling = spelling;
            files.forEach(file -> byFolded.computeIfAbsent(spelling.folded(file.path()), any -> new ArrayList<>(1))
                    .add(file));
        }

        /** The metadata names this location: whatever could be the same file is needed. */
        void reached(String location) {
            List<TableFile> same = byFolded.remove(spelling.folded(location));
            if (same != null) {
                same.stream()
                        .filter(file -> !spelling.isSame(file.path(), location))
                        .forEach(doubtful::add);
            }
        }

        Answer answer(Collection<TableFile> asked) {
            Map<String, TableFile> inOrder = new LinkedHashMap<>();
            asked.stream()
                    .filter(file -> byFolded.containsKey(spelling.folded(file.path())))
                    .forEach(file -> inOrder.putIfAbsent(spelling.normal(file.path()), file));
            return new Answer(List.copyOf(inOrder.values()), List.copyOf(doubtful));
        }
    }

    /** Every file that the metadata itself names, without reading any other file. */
    public static Stream<String> named(TableMetadata metadata) {
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

    private void dropReached(TableMetadata metadata, Candidates candidates) {
        Map<String, ManifestFile> manifests = new ConcurrentHashMap<>();
        List<Snapshot> unread = metadata.snapshots().stream()
                .filter(snapshot -> !snapshotsRead.contains(snapshot.snapshotId()))
                .toList();
        Ancestry known = ancestry == null ? Ancestry.of(metadata) : ancestry;
        Parallel.each(
                unread,
                snapshot -> Manifests.of(
                        known, snapshot, io, manifest -> manifests.putIfAbsent(manifest.path(), manifest)));
        manifests.keySet().forEach(candidates::reached);
        List<ManifestFile> asked = manifests.values().stream()
                .filter(manifest -> !manifestsRead.contains(manifest.path()))
                .toList();
        Parallel.each(asked, manifest -> Manifests.livePaths(manifest, io, metadata.specsById(), candidates::reached));
        // Only now: a reading that failed gave no answer, so what it did read has to be read again for the next one, or
        // its files would seem unneeded. @ref LLP 0006#reachability
        asked.forEach(manifest -> manifestsRead.add(manifest.path()));
        unread.forEach(snapshot -> snapshotsRead.add(snapshot.snapshotId()));
        ancestry = null;
    }
}
