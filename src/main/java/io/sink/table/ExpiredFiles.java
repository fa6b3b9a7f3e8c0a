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
 * The files that only expiring snapshots reach.
 *
 * @param files files that the remaining metadata does not reach: data and delete files first, then manifests, manifest
 *     lists, statistics
 * @param doubtful files that the remaining metadata reaches only under another spelling: see {@link LiveFiles.Answer}
 * @param inexact files of the expiring snapshots whose locations a storage could take for others; never deleted
 * @param missing number of manifest lists and manifests of the expiring snapshots that are missing or incomplete; files
 *     that only these name are not in {@code files}
 * @param live knows what was read of the remaining metadata, to be asked again after the commit
 */
public record ExpiredFiles(
        List<TableFile> files, List<TableFile> doubtful, List<TableFile> inexact, int missing, LiveFiles live) {

    /**
     * Compares what the expiring snapshots name with everything that the remaining ones reach.
     *
     * <p>It goes by reachability, never incrementally: some writers drop manifests without DELETED entries, and
     * Iceberg's incremental cleanup ignores read errors on manifests that remain.
     *
     * @param before the metadata with the expiring snapshots
     * @param after the metadata without them
     * @param leftBehind files that an earlier run meant to delete, which are checked in the same way
     * @throws RuntimeException if any remaining metadata is not whole, or the storage fails
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
     * Skips a list or manifest of an expiring snapshot that is missing or not whole: files that only it names are then
     * not deleted. A failure of the storage is thrown, since the next run may be able to read everything.
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
