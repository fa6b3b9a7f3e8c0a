package io.sink.worlds;

import io.sink.testing.Pen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;

/**
 * What one entry of a catalog points to, read with plain Iceberg past the program's storage.
 *
 * @param metadata its metadata
 * @param files the files that each snapshot needs
 * @param rest the files that it needs besides: metadata files that are there, statistics
 */
record Seen(Ground ground, TableMetadata metadata, Map<Long, Set<Path>> files, Set<Path> rest) {
    private static final List<String> PLACES =
            List.of("write.data.path", "write.metadata.path", "write.object-storage.path", "write.folder-storage.path");

    /** Manifest lists and manifests never change, so each is read once a world. */
    static final class Reader {
        private final Ground ground;
        private final FileIO io;
        private final Map<Path, Set<Path>> known = new HashMap<>();

        Reader(Ground ground) {
            this.ground = ground;
            this.io = ground.io();
        }

        Seen read(String metadataLocation) {
            TableMetadata metadata = TableMetadataParser.read(io, metadataLocation);
            Map<Long, Set<Path>> files = new HashMap<>();
            for (Snapshot snapshot : metadata.snapshots()) {
                files.put(snapshot.snapshotId(), of(snapshot, metadata));
            }
            Set<Path> rest = new TreeSet<>();
            rest.add(ground.locate(metadataLocation));
            metadata.previousFiles().stream()
                    .map(entry -> ground.locate(entry.file()))
                    .filter(Files::exists)
                    .forEach(rest::add);
            metadata.statisticsFiles().forEach(file -> rest.add(ground.locate(file.path())));
            metadata.partitionStatisticsFiles().forEach(file -> rest.add(ground.locate(file.path())));
            return new Seen(ground, metadata, files, rest);
        }

        private Set<Path> of(Snapshot snapshot, TableMetadata metadata) {
            Path list = ground.locate(snapshot.manifestListLocation());
            Set<Path> before = known.get(list);
            if (before != null) {
                return before;
            }
            Set<Path> files = new HashSet<>();
            files.add(list);
            for (ManifestFile manifest : snapshot.allManifests(io)) {
                Path file = ground.locate(manifest.path());
                files.add(file);
                Set<Path> live = known.get(file);
                if (live == null) {
                    live = live(manifest, metadata);
                    known.put(file, live);
                }
                files.addAll(live);
            }
            known.put(list, files);
            return files;
        }

        private Set<Path> live(ManifestFile manifest, TableMetadata metadata) {
            Set<Path> files = new HashSet<>();
            try (ManifestReader<? extends ContentFile<?>> entries = manifest.content() == ManifestContent.DATA
                    ? ManifestFiles.read(manifest, io, metadata.specsById())
                    : ManifestFiles.readDeleteManifest(manifest, io, metadata.specsById())) {
                entries.forEach(file -> files.add(ground.locate(file.location())));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return files;
        }
    }

    String uuid() {
        return metadata.uuid();
    }

    Path metadataFile() {
        return ground.locate(metadata.metadataFileLocation());
    }

    /** Everything that it needs, less what only these snapshots do. */
    Set<Path> needs(Collection<Long> without) {
        Set<Path> all = new HashSet<>(rest);
        files.forEach((id, of) -> {
            if (!without.contains(id)) {
                all.addAll(of);
            }
        });
        return all;
    }

    Set<Long> snapshots() {
        return files.keySet();
    }

    /** The table's own location. */
    Path home() {
        return ground.locate(metadata.location());
    }

    /** The directories that belong to the table: its location, and those that its properties name. */
    Set<Path> places() {
        return Stream.concat(Stream.of(metadata.location()), PLACES.stream().map(metadata.properties()::get))
                .filter(Objects::nonNull)
                .map(ground::locate)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    boolean holds(Path file) {
        return places().stream().anyMatch(file::startsWith);
    }

    /** Whether the file lies in a place of the table, or in one that it had before it was moved. */
    boolean hasBeenAt(Path file) {
        return placesEver().anyMatch(file::startsWith);
    }

    /** The places of the table, and those that it had before it was moved. */
    Stream<Path> placesEver() {
        return Stream.concat(places().stream(), before().stream());
    }

    /** Where the table was before, as its metadata files and manifest lists tell. */
    private Set<Path> before() {
        return Stream.concat(
                        metadata.previousFiles().stream().map(TableMetadata.MetadataLogEntry::file),
                        metadata.snapshots().stream().map(Snapshot::manifestListLocation))
                .map(file -> Objects.requireNonNull(ground.locate(file).getParent()))
                .map(folder -> folder.endsWith("metadata") ? Objects.requireNonNull(folder.getParent()) : folder)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether it names a file in a place of the other. */
    boolean names(Seen other) {
        return Stream.concat(files.values().stream().flatMap(Set::stream), rest.stream())
                .anyMatch(other::holds);
    }

    /** Whether some place of one lies in, around or at a place of the other. */
    boolean nests(Seen other) {
        return places().stream()
                .anyMatch(mine ->
                        other.places().stream().anyMatch(theirs -> mine.startsWith(theirs) || theirs.startsWith(mine)));
    }

    /** Whether files of the table may be deleted at all. */
    boolean collects() {
        return !metadata.property("gc.enabled", "true").equals("false");
    }

    /** Whether commits delete this file, a metadata file of the log, as soon as it leaves the log. */
    boolean dropsByCommit(Path file) {
        return metadata.propertyAsBoolean("write.metadata.delete-after-commit.enabled", false)
                && metadata.previousFiles().stream()
                        .anyMatch(entry -> ground.locate(entry.file()).equals(file));
    }

    /** The snapshots that Iceberg itself would expire now. */
    Set<Long> expiring(int retainLast) {
        if (!collects()) {
            return Set.of();
        }
        Pen rehearsal = Pen.rehearsing(ground.io(), metadata);
        rehearsal
                .table()
                .expireSnapshots()
                .expireOlderThan(System.currentTimeMillis())
                .retainLast(retainLast)
                .cleanExpiredFiles(false)
                .commit();
        Set<Long> gone = new TreeSet<>(snapshots());
        rehearsal.current().snapshots().forEach(staying -> gone.remove(staying.snapshotId()));
        return gone;
    }

    /** The rows of a snapshot as a sorted multiset. */
    List<String> rows(long snapshotId) {
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(
                        Pen.rehearsing(ground.io(), metadata).table())
                .useSnapshot(snapshotId)
                .build()) {
            records.forEach(record -> rows.add(record.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rows.sort(null);
        return rows;
    }
}
