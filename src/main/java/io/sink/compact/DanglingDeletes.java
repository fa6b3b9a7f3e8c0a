package io.sink.compact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * The delete files of a snapshot that can drop no row of any of its data files.
 *
 * <p>By {@link LiveDeletes}, and not by what a scan attaches: Iceberg's own index believes bounds that writers cut, and would
 * call a delete dangling that still drops rows.
 */
public final class DanglingDeletes {
    private DanglingDeletes() {}

    /** Reads every manifest, and the paths in position-delete files. */
    public static List<DeleteFile> of(Table table, Snapshot snapshot) {
        List<ManifestFile> deleteManifests = snapshot.deleteManifests(table.io());
        if (deleteManifests.isEmpty()) {
            return List.of();
        }
        LiveDeletes deletes = LiveDeletes.scan(table, snapshot, files -> true).deletes();
        Set<DeleteKey> needed = new HashSet<>();
        for (ManifestFile manifest : snapshot.dataManifests(table.io())) {
            try (var files = ManifestFiles.read(manifest, table.io(), table.specs())) {
                for (DataFile file : files) {
                    deletes.of(file).forEach(delete -> needed.add(DeleteKey.of(delete)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        List<DeleteFile> dangling = new ArrayList<>();
        for (ManifestFile manifest : deleteManifests) {
            try (var files = ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                for (DeleteFile file : files) {
                    if (!needed.contains(DeleteKey.of(file))) {
                        dangling.add(file.copyWithoutStats());
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return dangling;
    }
}
