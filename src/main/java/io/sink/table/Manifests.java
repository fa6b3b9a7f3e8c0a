package io.sink.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
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
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.TypeUtil;

/** Reads manifest lists and manifests as streams; any read error is thrown, none is passed over. */
public final class Manifests {
    private static final Schema PROJECTION = TypeUtil.select(
            ManifestFile.schema(),
            Set.of(
                    ManifestFile.PATH.fieldId(),
                    ManifestFile.LENGTH.fieldId(),
                    ManifestFile.SPEC_ID.fieldId(),
                    ManifestFile.MANIFEST_CONTENT.fieldId(),
                    ManifestFile.SNAPSHOT_ID.fieldId()));

    /** All but the partition summaries, which the reader would need another class for. */
    private static final Schema COUNTED = new Schema(ManifestFile.schema().columns().stream()
            .filter(column -> column.fieldId() != ManifestFile.PARTITION_SUMMARIES.fieldId())
            .toList());

    private Manifests() {}

    /**
     * Gives every manifest of the snapshot to {@code each}, which may keep it.
     *
     * <p>Reads the list itself, since {@link Snapshot#allManifests} would hold it for as long as the table is loaded.
     */
    static void of(Snapshot snapshot, FileIO io, Consumer<ManifestFile> each) {
        read(snapshot, io, PROJECTION, each);
    }

    private static void read(Snapshot snapshot, FileIO io, Schema columns, Consumer<ManifestFile> each) {
        if (snapshot.manifestListLocation() == null || snapshot.keyId() != null) {
            snapshot.allManifests(io).forEach(each);
            return;
        }
        try (CloseableIterable<ManifestFile> manifests = InternalData.read(
                        FileFormat.AVRO, io.newInputFile(snapshot.manifestListLocation()))
                .setRootType(GenericManifestFile.class)
                .project(columns)
                .reuseContainers()
                .build()) {
            manifests.forEach(manifest -> each.accept(manifest.copy()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close manifest list " + snapshot.manifestListLocation(), e);
        }
    }

    /**
     * Gives every manifest of the snapshot to {@code each} with what the list says of it, counts too.
     *
     * @throws RuntimeException if the list cannot be read
     */
    public static void counted(Snapshot snapshot, FileIO io, Consumer<ManifestFile> each) {
        read(snapshot, io, COUNTED, each);
    }

    /**
     * The manifests that were written for the snapshot, and its list.
     *
     * @throws RuntimeException if the list cannot be read
     */
    public static List<String> writtenFor(Snapshot snapshot, FileIO io) {
        List<String> written = new ArrayList<>();
        of(snapshot, io, manifest -> {
            if (Objects.equals(manifest.snapshotId(), snapshot.snapshotId())) {
                written.add(manifest.path());
            }
        });
        written.add(snapshot.manifestListLocation());
        return written;
    }

    /**
     * Gives every live file of the manifest to {@code each}, which must copy what it keeps.
     *
     * @throws RuntimeException if the manifest cannot be read
     */
    public static void liveFiles(
            ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs, Consumer<ContentFile<?>> each) {
        try (ManifestReader<?> files = manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, io, specs)
                : ManifestFiles.readDeleteManifest(manifest, io, specs)) {
            for (ContentFile<?> file : files) {
                each.accept(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close manifest " + manifest.path(), e);
        }
    }

    /** Gives the path of every live file of the manifest to {@code each}. */
    static void livePaths(ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs, Consumer<String> each) {
        try (CloseableIterable<String> paths = ManifestFiles.readPaths(manifest, io, specs)) {
            paths.forEach(each);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close manifest " + manifest.path(), e);
        }
    }
}
