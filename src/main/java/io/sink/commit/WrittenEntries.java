package io.sink.commit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.InternalData;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * The entries that a manifest written for a snapshot marks as deleted, added and existing. Iceberg's own readers give
 * live entries only.
 *
 * @param foreign what is wrong with the marks themselves, or null
 */
record WrittenEntries(
        Count deleted,
        Count added,
        Count existing,
        @Nullable String foreign) {
    static final WrittenEntries NONE = new WrittenEntries(Count.NONE, Count.NONE, Count.NONE, null);

    private static final int EXISTING = 0;
    private static final int ADDED = 1;
    private static final int DELETED = 2;

    /** By the field ids of the specification, section "Manifests". */
    private static final Schema MARKS = new Schema(
            Types.NestedField.required(0, "status", Types.IntegerType.get()),
            Types.NestedField.optional(1, "snapshot_id", Types.LongType.get()),
            Types.NestedField.required(2, "data_file", Types.StructType.of(DataFile.RECORD_COUNT)));

    /** Entries, and the records of their files. */
    record Count(long entries, long records) {
        static final Count NONE = new Count(0, 0);

        Count plus(Count other) {
            return new Count(entries + other.entries, records + other.records);
        }

        Count less(Count other) {
            return new Count(entries - other.entries, records - other.records);
        }

        private boolean is(@Nullable Integer files, @Nullable Long rows) {
            return (files == null || files == entries) && (rows == null || rows == records);
        }

        @Override
        public String toString() {
            return entries + " entries of " + records + " records";
        }
    }

    WrittenEntries plus(WrittenEntries other) {
        return new WrittenEntries(
                deleted.plus(other.deleted),
                added.plus(other.added),
                existing.plus(other.existing),
                foreign == null ? other.foreign : foreign);
    }

    /**
     * Counts the marks.
     *
     * @throws RuntimeException if the manifest cannot be read
     */
    static WrittenEntries read(ManifestFile manifest, FileIO io) {
        Count[] counts = {Count.NONE, Count.NONE, Count.NONE};
        String foreign = null;
        try (CloseableIterable<StructLike> entries = InternalData.read(
                        FileFormat.AVRO, io.newInputFile(manifest.path()))
                .project(MARKS)
                .build()) {
            for (StructLike entry : entries) {
                int status = entry.get(0, Integer.class);
                Long snapshot = entry.get(1, Long.class);
                long records = entry.get(2, StructLike.class).get(0, Long.class);
                counts[status] = counts[status].plus(new Count(1, records));
                if (status != EXISTING && snapshot != null && !Objects.equals(snapshot, manifest.snapshotId())) {
                    foreign =
                            "manifest %s marks an entry as changed by snapshot %d".formatted(manifest.path(), snapshot);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close manifest " + manifest.path(), e);
        }
        boolean asListed = counts[DELETED].is(manifest.deletedFilesCount(), manifest.deletedRowsCount())
                && counts[ADDED].is(manifest.addedFilesCount(), manifest.addedRowsCount())
                && counts[EXISTING].is(manifest.existingFilesCount(), manifest.existingRowsCount());
        if (!asListed) {
            foreign = "manifest %s holds other counts than its list says: %s deleted, %s added, %s existing"
                    .formatted(manifest.path(), counts[DELETED], counts[ADDED], counts[EXISTING]);
        }
        return new WrittenEntries(counts[DELETED], counts[ADDED], counts[EXISTING], foreign);
    }
}
