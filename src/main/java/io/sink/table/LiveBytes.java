package io.sink.table;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/** How many bytes of data and delete files a table's snapshots reach, each file once. */
public final class LiveBytes {
    private static final List<String> COLUMNS = List.of("file_path", "file_size_in_bytes");

    private LiveBytes() {}

    /**
     * The total bytes, by the sizes in manifests.
     *
     * @throws RuntimeException if a manifest cannot be read
     */
    public static long of(TableMetadata metadata, FileIO io) {
        Map<String, ManifestFile> manifests = new TreeMap<>();
        Ancestry ancestry = Ancestry.of(metadata);
        for (Snapshot snapshot : metadata.snapshots()) {
            Manifests.of(ancestry, snapshot, io, manifest -> manifests.put(manifest.path(), manifest));
        }
        Set<Long> seen = new HashSet<>();
        long[] bytes = new long[1];
        for (ManifestFile manifest : manifests.values()) {
            Manifests.liveFiles(manifest, io, metadata.specsById(), COLUMNS, file -> {
                if (seen.add(hash(file.location()))) {
                    bytes[0] += file.fileSizeInBytes();
                }
            });
        }
        return bytes[0];
    }

    /** 64 bits for a path, so that the set stays small. A collision only leaves out the bytes of one file. */
    private static long hash(String path) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < path.length(); i++) {
            hash = (hash ^ path.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
