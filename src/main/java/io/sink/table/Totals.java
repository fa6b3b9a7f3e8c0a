package io.sink.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of files that a manifest list names, by its own counts. Manifests without counts are read.
 *
 * @param records number of rows in data files, deleted ones included
 */
record Totals(long manifests, long dataFiles, long deleteFiles, long records) {

    /** A number in a snapshot's summary; null if it is missing or not a number. */
    static @Nullable Long said(Snapshot snapshot, String property) {
        String said = snapshot.summary() == null ? null : snapshot.summary().get(property);
        try {
            return said == null ? null : Long.valueOf(said);
        } catch (NumberFormatException foreign) {
            return null;
        }
    }

    /**
     * Whether a total in the summary exceeds what the list names. Rows are compared only if the summary has no total of
     * data files: what a lost manifest takes with it is files.
     */
    boolean isLessThanSaid(Snapshot snapshot) {
        Long data = said(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP);
        return (data == null ? isLess(records, said(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP)) : dataFiles < data)
                || isLess(deleteFiles, said(snapshot, SnapshotSummary.TOTAL_DELETE_FILES_PROP));
    }

    /** Whether the summary's totals of files are exactly what the list names. */
    boolean isAsSaid(Snapshot snapshot) {
        Long data = said(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP);
        Long deletes = said(snapshot, SnapshotSummary.TOTAL_DELETE_FILES_PROP);
        return data != null && data == dataFiles && deletes != null && deletes == deleteFiles;
    }

    private static boolean isLess(long named, @Nullable Long said) {
        return said != null && named < said;
    }

    /** Adds up manifests. */
    static final class Sum {
        private final List<ManifestFile> uncounted = new ArrayList<>();
        private long manifests;
        private long dataFiles;
        private long deleteFiles;
        private long records;

        void add(ManifestFile manifest) {
            manifests++;
            Long files = Manifests.liveFiles(manifest);
            Long rows = rows(manifest);
            if (files == null || rows == null) {
                uncounted.add(manifest);
            } else {
                add(manifest.content(), files, rows);
            }
        }

        private void add(ManifestContent content, long files, long rows) {
            if (content == ManifestContent.DATA) {
                dataFiles += files;
                records += rows;
            } else {
                deleteFiles += files;
            }
        }

        long manifests() {
            return manifests;
        }

        /**
         * The totals; manifests without counts are read now.
         *
         * @throws UnreadableMetadataException if a manifest is not complete
         */
        Totals total(FileIO io, Map<Integer, PartitionSpec> specs) {
            for (ManifestFile manifest : uncounted) {
                count(manifest, io, specs, (files, rows) -> add(manifest.content(), files, rows));
            }
            uncounted.clear();
            return new Totals(manifests, dataFiles, deleteFiles, records);
        }

        private static @Nullable Long rows(ManifestFile manifest) {
            Long added = manifest.addedRowsCount();
            Long existing = manifest.existingRowsCount();
            return added == null || existing == null ? null : (Long) (added + existing);
        }
    }

    private static void count(
            ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs, BiConsumer<Long, Long> counted) {
        long[] sums = new long[2];
        Manifests.liveFiles(manifest, io, specs, List.of("file_path", "record_count"), file -> {
            sums[0]++;
            sums[1] += file.recordCount();
        });
        counted.accept(sums[0], sums[1]);
    }

    /** The totals by reading every manifest of a list, whatever its counts. */
    static Totals read(Snapshot snapshot, FileIO io, Map<Integer, PartitionSpec> specs) {
        Sum sum = new Sum();
        Manifests.read(snapshot, io, manifest -> {
            sum.manifests++;
            sum.uncounted.add(manifest);
        });
        return sum.total(io, specs);
    }
}
