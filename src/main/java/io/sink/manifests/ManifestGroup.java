package io.sink.manifests;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;

/**
 * Manifests of one partition spec that become fewer.
 *
 * @param manifests to be written anew, in the order of the snapshot's list
 * @param clusters which of the new manifests a file goes to, and how many there will be
 */
record ManifestGroup(int specId, List<ManifestFile> manifests, Clusters clusters) {
    ManifestGroup {
        manifests = List.copyOf(manifests);
    }

    long bytes() {
        return bytes(manifests);
    }

    static long bytes(List<ManifestFile> manifests) {
        return manifests.stream().mapToLong(ManifestFile::length).sum();
    }

    /** Live files that these manifests say they hold. */
    static long files(List<ManifestFile> manifests) {
        return manifests.stream()
                .mapToLong(manifest -> manifest.addedFilesCount() + manifest.existingFilesCount())
                .sum();
    }

    long files() {
        return files(manifests);
    }

    /** How files are spread over new manifests. */
    interface Clusters {
        int count();

        /** From 0 to {@link #count} less one; asked from several threads. */
        int of(DataFile file);
    }
}
