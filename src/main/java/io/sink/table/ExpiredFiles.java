package io.sink.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;

/**
 * The files that only snapshots which are going reach.
 *
 * @param files unreached by what stays: data and delete files first, then manifests, manifest lists, statistics
 * @param missing manifest lists and manifests of the going snapshots that are not there any more or are not whole; what
 *     of them could not be read is not in {@code files}
 * @param doubtful what stays that reaches them only under another spelling: see {@link LiveFiles.Answer}
 * @param inexact files of the going snapshots whose locations a storage takes for others; never asked about, never
 *     deleted
 * @param live knows what was read of the metadata that stays, for asking again after the commit
 */
public record ExpiredFiles(
        List<TableFile> files, List<TableFile> doubtful, List<TableFile> inexact, int missing, LiveFiles live) {

    /**
     * Compares what the going snapshots name with all that the staying ones reach.
     *
     * <p>By reachability and never incrementally: some writers drop manifests without DELETED entries, and Iceberg's
     * incremental cleanup passes over read errors on manifests that stay.
     *
     * @param before the metadata with the snapshots that are going
     * @param after the same without them
     * @param leftBehind files that an earlier run meant to delete, asked about in the same way
     * @throws RuntimeException if anything that stays is not whole, or the storage does not let anything be read
     * @ref LLP 0006#reachability
     */
    public static ExpiredFiles between(
            TableMetadata before, TableMetadata after, Collection<TableFile> leftBehind, FileIO io) {
        Set<Long> staying = after.snapshots().stream().map(Snapshot::snapshotId).collect(Collectors.toSet());
        Ancestry ancestry = Ancestry.of(before);
        Set<String> stayingManifests = ConcurrentHashMap.newKeySet();
        Parallel.each(
                after.snapshots(),
                snapshot -> Manifests.of(ancestry, snapshot, io, manifest -> stayingManifests.add(manifest.path())));

        List<Snapshot> going = before.snapshots().stream()
                .filter(snapshot -> !staying.contains(snapshot.snapshotId()))
                .toList();
        AtomicInteger missing = new AtomicInteger();
        Map<String, ManifestFile> manifests = goingManifests(ancestry, going, stayingManifests, io, missing);

        List<TableFile> named = new ArrayList<>(filesOf(manifests, before, io, missing));
        manifests.keySet().stream()
                .sorted()
                .map(path -> new TableFile(path, FileKind.MANIFEST))
                .forEach(named::add);
        going.stream()
                .map(Snapshot::manifestListLocation)
                .filter(list -> list != null)
                .map(list -> new TableFile(list, FileKind.MANIFEST_LIST))
                .forEach(named::add);
        statistics(before).map(path -> new TableFile(path, FileKind.STATISTICS)).forEach(named::add);

        named.addAll(leftBehind);
        Map<Boolean, List<TableFile>> exact = named.stream()
                .collect(Collectors.partitioningBy(file -> ExactLocation.refusal(file.path(), false) == null));
        LiveFiles live = new LiveFiles(io).beside(ancestry);
        LiveFiles.Answer answer = live.ask(after, exact.getOrDefault(true, List.of()));
        return new ExpiredFiles(
                answer.unneeded(), answer.doubtful(), exact.getOrDefault(false, List.of()), missing.get(), live);
    }

    private static Map<String, ManifestFile> goingManifests(
            Ancestry ancestry, List<Snapshot> going, Set<String> staying, FileIO io, AtomicInteger missing) {
        Map<String, ManifestFile> manifests = new ConcurrentHashMap<>();
        Parallel.each(
                going,
                snapshot -> unlessMissing(
                        missing,
                        () -> Manifests.of(ancestry, snapshot, io, manifest -> {
                            if (!staying.contains(manifest.path())) {
                                manifests.putIfAbsent(manifest.path(), manifest);
                            }
                        })));
        return manifests;
    }

    private static List<TableFile> filesOf(
            Map<String, ManifestFile> manifests, TableMetadata before, FileIO io, AtomicInteger missing) {
        Map<String, FileKind> files = new ConcurrentHashMap<>();
        Parallel.each(manifests.values(), manifest -> {
            FileKind kind = manifest.content() == ManifestContent.DATA ? FileKind.DATA : FileKind.DELETE;
            unlessMissing(
                    missing,
                    () -> Manifests.livePaths(manifest, io, before.specsById(), path -> files.put(path, kind)));
        });
        return files.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(file -> new TableFile(file.getKey(), file.getValue()))
                .toList();
    }

    /**
     * What a going manifest does not name, since it is not there or not whole, is not deleted, and what it names is
     * needed by whatever stays and names it too. A storage that fails throws: it may let all be read the next time.
     *
     * @ref LLP 0020#going
     */
    private static void unlessMissing(AtomicInteger missing, Runnable read) {
        try {
            read.run();
        } catch (NotFoundException | UnreadableMetadataException e) {
            missing.incrementAndGet();
        }
    }

    private static Stream<String> statistics(TableMetadata metadata) {
        return Stream.concat(
                metadata.statisticsFiles().stream().map(StatisticsFile::path),
                metadata.partitionStatisticsFiles().stream().map(PartitionStatisticsFile::path));
    }
}
