package io.sink.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The delete files of a snapshot that can drop no row of any of its data files.
 *
 * <p>It uses {@link LiveDeletes} instead of Iceberg's own index, which trusts bounds that writers may have truncated,
 * and would call a delete file dangling that still drops rows.
 *
 * @ref LLP 0015#dangling
 */
public final class DanglingDeletes {
    private final LiveDeletes index;
    private final Map<DeleteKey, DeleteFile> files = new HashMap<>();
    private final Set<String> manifestsRead = new HashSet<>();
    private final List<DeleteFile> listed = new ArrayList<>();
    private long deleteFiles;

    private DanglingDeletes(LiveDeletes index) {
        this.index = index;
    }

    /**
     * Reads every manifest, and the paths in position-delete files.
     *
     * @throws RuntimeException if one of them cannot be read
     */
    public static DanglingDeletes of(Table table, Snapshot snapshot) {
        FileIO io = table.io();
        List<ManifestFile> deletes = Manifests.of(table, snapshot, ManifestContent.DELETES);
        if (deletes.isEmpty()) {
            return new DanglingDeletes(LiveDeletes.none(table));
        }
        DanglingDeletes dangling = new DanglingDeletes(
                LiveDeletes.scan(table, snapshot, files -> true).deletes());
        Set<DeleteKey> needed = new HashSet<>();
        for (ManifestFile manifest : Manifests.of(table, snapshot, ManifestContent.DATA)) {
            dangling.manifestsRead.add(manifest.path());
            Manifests.liveFiles(
                    manifest,
                    io,
                    table.specs(),
                    file -> dangling.index
                            .neededBy((DataFile) file)
                            .forEach(delete -> needed.add(DeleteKey.of(delete))));
        }
        for (ManifestFile manifest : deletes) {
            dangling.manifestsRead.add(manifest.path());
            Manifests.liveFiles(manifest, io, table.specs(), file -> dangling.add((DeleteFile) file, needed));
        }
        return dangling;
    }

    private void add(DeleteFile delete, Set<DeleteKey> needed) {
        deleteFiles++;
        if (!needed.contains(DeleteKey.of(delete))) {
            DeleteFile kept = delete.copyWithoutStats();
            listed.add(kept);
            files.put(DeleteKey.of(kept), kept);
        }
    }

    /** The dangling delete files, one for each entry in a manifest, without column statistics. */
    public List<DeleteFile> files() {
        return List.copyOf(listed);
    }

    /** The number of delete files in the snapshot, dangling or not. */
    public long deleteFiles() {
        return deleteFiles;
    }

    /**
     * Why one of these files is not dangling in another snapshot of the table; null if all are. Reads only manifests
     * that were not read for the first snapshot: the others were compared with every one of these files.
     *
     * @throws RuntimeException if a manifest cannot be read
     */
    public @Nullable String neededIn(TableMetadata metadata, Snapshot snapshot, FileIO io) {
        List<String> why = new ArrayList<>();
        List<ManifestFile> unread = new ArrayList<>();
        Manifests.of(Ancestry.of(metadata), snapshot, io, manifest -> {
            if (!manifestsRead.contains(manifest.path())) {
                unread.add(manifest);
            }
        });
        for (ManifestFile manifest : unread) {
            Manifests.liveFiles(manifest, io, metadata.specsById(), file -> {
                String changed = file instanceof DeleteFile delete ? changed(delete) : needing((DataFile) file);
                if (changed != null) {
                    why.add(changed);
                }
            });
            if (!why.isEmpty()) {
                return why.get(0);
            }
        }
        return null;
    }

    private @Nullable String needing(DataFile data) {
        return index.neededBy(data).stream()
                .filter(delete -> files.containsKey(DeleteKey.of(delete)))
                .map(delete -> "data file " + data.location() + " needs delete file " + delete.location())
                .findFirst()
                .orElse(null);
    }

    /** A delete file that was removed and added again may apply to other files than before. */
    private @Nullable String changed(DeleteFile delete) {
        DeleteFile known = files.get(DeleteKey.of(delete));
        return known == null || sameScope(known, delete)
                ? null
                : "delete file " + delete.location() + " was added again";
    }

    private static boolean sameScope(ContentFile<?> one, ContentFile<?> other) {
        return one.specId() == other.specId()
                && Objects.equals(one.dataSequenceNumber(), other.dataSequenceNumber())
                && one.partition().equals(other.partition());
    }
}
