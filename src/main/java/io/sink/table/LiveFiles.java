package io.sink.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
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
 * Tells which of the given files a table's metadata still needs.
 *
 * <p>If it is asked again about the same files or fewer with newer metadata, it reads only the snapshots and manifests
 * that were added since. Any read error is thrown, since a file counts as needed until the opposite is known.
 *
 * @ref LLP 0000#needed-files
 */
public final class LiveFiles {
    private final FileIO io;
    private final LocationNormalizer spelling;
    private final Set<Long> snapshotsRead = ConcurrentHashMap.newKeySet();
    private final Set<String> manifestsRead = ConcurrentHashMap.newKeySet();
    private @Nullable Ancestry ancestry;
    private boolean ofLateNames;

    /** @param io the storage that manifests are read from */
    public LiveFiles(FileIO io) {
        this.io = io;
        this.spelling = LocationNormalizer.of(io);
    }

    /** Lets the next reading judge manifest lists with the help of snapshots that the metadata no longer has. */
    LiveFiles beside(Ancestry known) {
        ancestry = known;
        return this;
    }

    /** For files that nothing in this earlier reading reaches: only metadata that was added since is read. */
    public static LiveFiles beyond(ReachableFiles reading, FileIO io) {
        LiveFiles live = new LiveFiles(io);
        live.snapshotsRead.addAll(reading.snapshots());
        live.manifestsRead.addAll(reading.manifests());
        return live;
    }

    /**
     * For files that got their names when the table had only these snapshots: no others than those that came since can
     * name them, and of their manifests only those that no earlier snapshot has.
     *
     * @ref LLP 0006#own-files
     */
    public static LiveFiles since(Collection<Long> earlier, FileIO io) {
        LiveFiles live = new LiveFiles(io);
        live.snapshotsRead.addAll(earlier);
        live.ofLateNames = true;
        return live;
    }

    /**
     * The files that nothing in the metadata reaches: no snapshot, no statistics, no metadata log.
     *
     * <p>All that the metadata reaches is read, but for what was read before or need not be ({@link #since}), whichever
     * files are asked about: so a damaged manifest is found before a file is deleted that could replace it.
     * @ref LLP 0020#always
     *
     * @param files the files that are asked about; in a later call the answer to an earlier one, or part of it
     * @throws RuntimeException if any metadata cannot be read
     */
    public List<TableFile> unneeded(TableMetadata metadata, Collection<TableFile> files) {
        return ask(metadata, files).unneeded();
    }

    /**
     * Which of the files are not needed.
     *
     * @param unneeded the files that nothing in the metadata reaches, each once
     * @param doubtful the files that it reaches under another spelling, which only some storages take for the same
     *     file: they are kept until a person decides
     * @ref LLP 0019#exact
     */
    public record Answer(List<TableFile> unneeded, List<TableFile> doubtful) {}

    /** As {@link #unneeded}, and also the files that are kept only since their names could be taken for others. */
    public Answer ask(TableMetadata metadata, Collection<TableFile> files) {
        Candidates candidates = new Candidates(spelling, files);
        named(metadata).forEach(candidates::reached);
        if (!files.isEmpty()) {
            dropReached(metadata, candidates);
        }
        return candidates.answer(files);
    }

    /** The files that are asked about, by their folded locations. */
    private static final class Candidates {
        private final LocationNormalizer spelling;
        private final Map<String, List<TableFile>> byFolded = new ConcurrentHashMap<>();
        private final Queue<TableFile> doubtful = new ConcurrentLinkedQueue<>();

        Candidates(LocationNormalizer spelling, Collection<TableFile> files) {
            this.spelling = spelling;
            files.forEach(file -> byFolded.computeIfAbsent(spelling.folded(file.path()), any -> new ArrayList<>(1))
                    .add(file));
        }

        /** Notes that the metadata names this location, so that every file that could be the same is needed. */
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
        if (ofLateNames) {
            Parallel.each(
                    earlierAncestors(known, unread),
                    snapshot -> Manifests.of(known, snapshot, io, manifest -> manifestsRead.add(manifest.path())));
            ofLateNames = false;
        }
        Parallel.each(
                unread,
                snapshot -> Manifests.of(
                        known, snapshot, io, manifest -> manifests.putIfAbsent(manifest.path(), manifest)));
        manifests.keySet().forEach(candidates::reached);
        List<ManifestFile> asked = manifests.values().stream()
                .filter(manifest -> !manifestsRead.contains(manifest.path()))
                .toList();
        Parallel.each(asked, manifest -> Manifests.livePaths(manifest, io, metadata.specsById(), candidates::reached));
        // Noted only now: if a reading fails, what it did read must be read again, or its files would seem unneeded.
        // @ref LLP 0006#reachability
        asked.forEach(manifest -> manifestsRead.add(manifest.path()));
        unread.forEach(snapshot -> snapshotsRead.add(snapshot.snapshotId()));
        ancestry = null;
    }

    /** Of each of these snapshots, the nearest ancestor that was there before. */
    private Set<Snapshot> earlierAncestors(Ancestry known, List<Snapshot> unread) {
        Map<Long, Snapshot> earlier = new LinkedHashMap<>();
        for (Snapshot snapshot : unread) {
            Set<Long> passed = new HashSet<>();
            Snapshot ancestor = snapshot;
            while (ancestor != null
                    && passed.add(ancestor.snapshotId())
                    && !snapshotsRead.contains(ancestor.snapshotId())) {
                ancestor = known.parent(ancestor);
            }
            if (ancestor != null && snapshotsRead.contains(ancestor.snapshotId())) {
                earlier.put(ancestor.snapshotId(), ancestor);
            }
        }
        return Set.copyOf(earlier.values());
    }
}
