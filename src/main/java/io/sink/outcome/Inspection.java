package io.sink.outcome;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a table according to its metadata and manifests.
 *
 * @param dataFiles live data files of {@code main}
 * @param dataBytes their total length in bytes
 * @param records their rows, deleted ones included
 * @param histogram the data files by size, smallest first
 * @param deletes live delete files of {@code main}
 * @param snapshots every snapshot by age, youngest first
 * @param refs what each branch and tag holds that no other does; null where there are too many files to tell
 * @param manifests manifests of {@code main}'s snapshot
 * @param manifestBytes their total length in bytes
 * @param metadataBytes length of the metadata file in bytes, or null if unknown
 */
public record Inspection(
        long dataFiles,
        long dataBytes,
        long records,
        List<Bucket> histogram,
        Deletes deletes,
        List<Age> snapshots,
        @Nullable List<Pin> refs,
        long manifests,
        long manifestBytes,
        @Nullable Long metadataBytes) {

    public Inspection {
        histogram = List.copyOf(histogram);
        snapshots = List.copyOf(snapshots);
        refs = refs == null ? null : List.copyOf(refs);
    }

    /**
     * Files of a size range.
     *
     * @param below each of them is smaller than this many bytes; null for the largest
     */
    public record Bucket(@Nullable Long below, long files, long bytes) {}

    /**
     * Delete files.
     *
     * @param position position-delete files
     * @param equality equality-delete files
     * @param vectors deletion vectors
     * @param records rows that they name
     * @param dangling those among them that no live data file needs; null where that could not be told
     */
    public record Deletes(
            long position,
            long equality,
            long vectors,
            long records,
            @Nullable Long dangling) {
        /** Delete files of every kind. */
        public long files() {
            return position + equality + vectors;
        }
    }

    /**
     * Snapshots of an age range.
     *
     * @param belowDays each of them is younger than this many days; null for the oldest
     */
    public record Age(@Nullable Integer belowDays, int snapshots) {}

    /**
     * The files that nothing needs any more if a ref is dropped and the snapshots that only it holds are expired.
     *
     * @param ref its name; null for snapshots that no ref points to, which history keeps
     * @param kind {@code branch}, {@code tag} or {@code history}
     * @param snapshotId what it points to, or null
     * @param ageDays of that snapshot, or of the oldest
     * @param files data and delete files that nothing else holds
     * @param bytes their total length
     */
    public record Pin(
            @Nullable String ref, String kind, @Nullable Long snapshotId, long ageDays, long files, long bytes) {}
}
