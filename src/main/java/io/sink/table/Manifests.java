package io.sink.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.GenericManifestFile;
import org.apache.iceberg.InternalData;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifest lists and manifests as streams, to their end. Any read error is thrown, and so is any sign that a file
 * is not complete. Entries that were passed on before that are not all.
 *
 * @ref LLP 0020#one-place
 */
public final class Manifests {
    /** All columns except partition summaries, for which the reader would need another class. */
    private static final Schema COUNTED = new Schema(ManifestFile.schema().columns().stream()
            .filter(column -> column.fieldId() != ManifestFile.PARTITION_SUMMARIES.fieldId())
            .toList());

    private Manifests() {}

    /**
     * Passes every manifest of the snapshot to {@code each}, which may keep it, with all that the list says of it,
     * counts included.
     *
     * <p>Reads the list itself, since {@link Snapshot#allManifests} would hold it for as long as the table is loaded.
     *
     * @throws UnreadableMetadataException if the list names fewer manifests than it must
     * @throws RuntimeException if the list cannot be read
     */
    public static void of(Ancestry ancestry, Snapshot snapshot, FileIO io, Consumer<ManifestFile> each) {
        WholeList list = new WholeList(ancestry, snapshot, io);
        read(snapshot, io, manifest -> {
            list.add(manifest);
            each.accept(manifest);
        });
        list.check();
    }

    /**
     * The manifests of one kind of a snapshot of the table, as {@link #of}; the snapshot keeps them for Iceberg's own
     * scans.
     *
     * @throws UnreadableMetadataException if the list names fewer manifests than it must
     * @throws RuntimeException if the list cannot be read
     */
    public static List<ManifestFile> of(Table table, Snapshot snapshot, ManifestContent content) {
        WholeList list = new WholeList(Ancestry.of(table), snapshot, table.io());
        List<ManifestFile> manifests = kept(snapshot, table.io());
        manifests.forEach(list::add);
        list.check();
        return manifests.stream()
                .filter(manifest -> manifest.content() == content)
                .distinct()
                .toList();
    }

    /**
     * Makes sure that no manifest is listed twice. Readers take it for one, and a commit would write it once or twice.
     *
     * @throws UnreadableMetadataException if one is
     */
    static void requireOnce(Table table, Snapshot snapshot) {
        Set<String> paths = new HashSet<>();
        for (ManifestFile manifest : kept(snapshot, table.io())) {
            if (!paths.add(manifest.path())) {
                throw UnreadableMetadataException.wrong(
                        "manifest list " + snapshot.manifestListLocation(), manifest.path() + " is in it twice");
            }
        }
    }

    private static List<ManifestFile> kept(Snapshot snapshot, FileIO io) {
        WholeFiles whole = new WholeFiles(io, null);
        try {
            return snapshot.allManifests(whole);
        } catch (RuntimeException e) {
            throw whole.explain(e);
        }
    }

    /**
     * Passes every manifest that the list names to {@code each}, without checking that the list is complete. For
     * reports only, not for a deletion or a rewrite.
     *
     * @throws RuntimeException if the list cannot be read
     */
    public static void counted(Snapshot snapshot, FileIO io, Consumer<ManifestFile> each) {
        read(snapshot, io, each);
    }

    static void read(Snapshot snapshot, FileIO io, Consumer<ManifestFile> each) {
        if (snapshot.manifestListLocation() == null || snapshot.keyId() != null) {
            snapshot.allManifests(io).forEach(each);
            return;
        }
        WholeInput input = WholeInput.of(snapshot.manifestListLocation(), io);
        try (CloseableIterable<ManifestFile> manifests = InternalData.read(FileFormat.AVRO, input)
                .setRootType(GenericManifestFile.class)
                .project(COUNTED)
                .reuseContainers()
                .build()) {
            each(input, manifests, manifest -> each.accept(manifest.copy()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close manifest list " + snapshot.manifestListLocation(), e);
        }
    }

    /**
     * Locations of the manifests that were written for the snapshot, and of its manifest list.
     *
     * @throws RuntimeException if the list cannot be read
     */
    public static List<String> writtenFor(Snapshot snapshot, FileIO io) {
        List<String> written = new ArrayList<>();
        read(snapshot, io, manifest -> {
            if (Objects.equals(manifest.snapshotId(), snapshot.snapshotId())) {
                written.add(manifest.path());
            }
        });
        written.add(snapshot.manifestListLocation());
        return written;
    }

    /**
     * Passes every live file of the manifest to {@code each}, which may keep it.
     *
     * @throws UnreadableMetadataException if the manifest has fewer files than its list says
     * @throws RuntimeException if the manifest cannot be read
     */
    public static void liveFiles(
            ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs, Consumer<ContentFile<?>> each) {
        liveFiles(manifest, io, specs, List.of(), each);
    }

    /** As {@link #liveFiles}, with only these columns of each file; with all columns if none are named. */
    public static void liveFiles(
            ManifestFile manifest,
            FileIO io,
            Map<Integer, PartitionSpec> specs,
            Collection<String> columns,
            Consumer<ContentFile<?>> each) {
        WholeInput input = WholeInput.of(manifest, io);
        try (ManifestReader<?> files = open(manifest, new WholeFiles(io, input), specs)) {
            if (!columns.isEmpty()) {
                files.select(columns);
            }
            long count = each(input, files, each);
            holdAgainstList(manifest, input.bytes(), count);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close manifest " + manifest.path(), e);
        }
    }

    private static ManifestReader<?> open(ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs) {
        return manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, io, specs)
                : ManifestFiles.readDeleteManifest(manifest, io, specs);
    }

    /**
     * Passes the path of every live file of the manifest to {@code each}.
     *
     * @throws UnreadableMetadataException if the manifest has fewer files than its list says
     * @throws RuntimeException if the manifest cannot be read
     */
    public static void livePaths(
            ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs, Consumer<String> each) {
        WholeInput input = WholeInput.of(manifest, io);
        try (CloseableIterable<String> paths = ManifestFiles.readPaths(manifest, new WholeFiles(io, input), specs)) {
            long count = each(input, paths, each);
            holdAgainstList(manifest, input.bytes(), count);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close manifest " + manifest.path(), e);
        }
    }

    /** Passes every row to {@code each}, whose own failures are not explained; returns the number of rows. */
    private static <T> long each(WholeInput input, Iterable<T> rows, Consumer<? super T> each) {
        Iterator<T> left = reading(input, rows::iterator);
        long count = 0;
        Supplier<Boolean> isMore = left::hasNext;
        Supplier<T> next = left::next;
        while (reading(input, isMore)) {
            each.accept(reading(input, next));
            count++;
        }
        input.requireEnd();
        return count;
    }

    private static <T> T reading(WholeInput input, Supplier<T> read) {
        try {
            return read.get();
        } catch (RuntimeException e) {
            throw input.explain(e);
        }
    }

    /**
     * Compares a manifest with its list. It is complete if it has as many bytes or as many live files as the list says:
     * lists of some writers have one of them wrong, but for a manifest that was cut, both are wrong.
     *
     * @ref LLP 0020#manifests
     */
    private static void holdAgainstList(ManifestFile manifest, long bytes, long files) {
        Long said = liveFiles(manifest);
        boolean encrypted = manifest.keyMetadata() != null; // its list has the encrypted length
        if (!encrypted && bytes == manifest.length()) {
            return;
        }
        boolean shorter = !encrypted && bytes < manifest.length();
        if (said == null ? shorter : files < said) {
            throw new UnreadableMetadataException(
                    manifest.path(),
                    "it has %d bytes and %d live files, and its manifest list says %d and %s"
                            .formatted(bytes, files, manifest.length(), said == null ? "nothing of files" : said),
                    null);
        }
    }

    /** The number of live files of the manifest by its list; null if the list does not say. */
    static @Nullable Long liveFiles(ManifestFile manifest) {
        Integer added = manifest.addedFilesCount();
        Integer existing = manifest.existingFilesCount();
        return added == null || existing == null ? null : (long) added + existing;
    }
}
