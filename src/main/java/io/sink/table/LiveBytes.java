package io.sink.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/** How many bytes of data and delete files a table's snapshots reach, each file once. */
public final class LiveBytes {
    private static final List<String> COLUMNS = List.of("file_path", "file_size_in_bytes");

    private LiveBytes() {}

    /** Bytes by the manifests' own figures. */
    public static long of(TableMetadata metadata, FileIO io) {
        Map<String, ManifestFile> manifests = new TreeMap<>();
        for (Snapshot snapshot : metadata.snapshots()) {
            Manifests.of(snapshot, io, manifest -> manifests.put(manifest.path(), manifest));
        }
        Set<Long> seen = new HashSet<>();
        long bytes = 0;
        for (ManifestFile manifest : manifests.values()) {
            try (ManifestReader<?> reader =
                    open(manifest, io, metadata.specsById()).select(COLUMNS)) {
                for (ContentFile<?> file : reader) {
                    if (seen.add(hash(file.location()))) {
                        bytes += file.fileSizeInBytes();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close manifest " + manifest.path(), e);
            }
        }
        return bytes;
    }

    private static ManifestReader<?> open(ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs) {
        return manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, io, specs)
                : ManifestFiles.readDeleteManifest(manifest, io, specs);
    }

    /** 64 bits of the path, so that the set stays small; a collision leaves one file's bytes out of a percentage. */
    private static long hash(String path) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < path.length(); i++) {
            hash = (hash ^ path.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
