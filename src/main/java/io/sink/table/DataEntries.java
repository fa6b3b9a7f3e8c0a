package io.sink.table;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/**
 * Walks over the live data files of a snapshot, on several threads, without keeping them.
 *
 * @ref LLP 0031#what-both-looks-see
 */
public final class DataEntries {
    /** What a plan has to know of a data file, its metrics left out. */
    private static final List<String> COLUMNS = List.of(
            DataFile.CONTENT.name(),
            DataFile.FILE_PATH.name(),
            DataFile.FILE_FORMAT.name(),
            DataFile.PARTITION_NAME,
            DataFile.RECORD_COUNT.name(),
            DataFile.FILE_SIZE.name(),
            DataFile.KEY_METADATA.name(),
            DataFile.SPLIT_OFFSETS.name(),
            DataFile.SORT_ORDER_ID.name(),
            DataFile.FIRST_ROW_ID.name());

    /** What the first look needs, which keeps none of them. */
    private static final List<String> FEW_COLUMNS = List.of(
            DataFile.CONTENT.name(),
            DataFile.FILE_PATH.name(),
            DataFile.PARTITION_NAME,
            DataFile.RECORD_COUNT.name(),
            DataFile.FILE_SIZE.name());

    private static final int SAFE_POINT_EVERY = 10_000;

    /** Gets the entries of one manifest, in one thread. */
    public interface Part {
        /** @param entry may be kept */
        void at(DataFile entry);

        /** There are no more. */
        default void end() {}
    }

    private DataEntries() {}

    /**
     * Passes every live entry of a data file to {@code each}, which several threads call at once and which may keep it;
     * returns how many there are. The entries have what a plan needs, and no metrics.
     *
     * @param which manifests are read
     * @param safePoint called now and then by any thread; what it throws ends the walk
     * @throws UnreadableMetadataException if a manifest or the list is not whole
     */
    public static long each(
            Table table,
            Snapshot snapshot,
            Predicate<ManifestFile> which,
            Runnable safePoint,
            Consumer<DataFile> each) {
        return each(table, snapshot, which, COLUMNS, safePoint, manifest -> each::accept);
    }

    /** As the above, of all manifests and with these columns of each file. */
    static long each(
            Table table, Snapshot snapshot, List<String> columns, Runnable safePoint, Consumer<DataFile> each) {
        return each(table, snapshot, manifest -> true, columns, safePoint, manifest -> each::accept);
    }

    /**
     * Passes every live entry of a data file, with its partition, rows and size, to a part for its manifest; returns
     * how many there are.
     *
     * @param parts makes the parts; several threads call it at once
     */
    static long parts(Table table, Snapshot snapshot, Runnable safePoint, Function<ManifestFile, Part> parts) {
        return each(table, snapshot, manifest -> true, FEW_COLUMNS, safePoint, parts);
    }

    private static long each(
            Table table,
            Snapshot snapshot,
            Predicate<ManifestFile> which,
            List<String> columns,
            Runnable safePoint,
            Function<ManifestFile, Part> parts) {
        LongAdder files = new LongAdder();
        Consumer<ManifestFile> read = manifest -> {
            safePoint.run();
            long[] count = new long[1];
            Part part = parts.apply(manifest);
            Manifests.liveFiles(manifest, table.io(), table.specs(), columns, file -> {
                if (++count[0] % SAFE_POINT_EVERY == 0) {
                    safePoint.run();
                }
                part.at((DataFile) file);
            });
            part.end();
            requireSeen(manifest, count[0]);
            files.add(count[0]);
        };
        List<ManifestFile> manifests = Manifests.of(table, snapshot, ManifestContent.DATA).stream()
                .filter(which)
                .toList();
        if (manifests.size() < 2) {
            manifests.forEach(read);
        } else {
            parallel(manifests, read);
        }
        return files.sum();
    }

    /** On threads of its own: where a storage hangs, other tables must not wait for it. */
    private static void parallel(List<ManifestFile> manifests, Consumer<ManifestFile> read) {
        int threads = Math.min(manifests.size(), Runtime.getRuntime().availableProcessors());
        ExecutorService pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "sink-manifests");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Parallel.each(pool, manifests, read);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Readers do not look into a manifest that by its list has no live files. */
    static void requireSeen(ManifestFile manifest, long files) {
        if (files > 0 && !manifest.hasAddedFiles() && !manifest.hasExistingFiles()) {
            throw UnreadableMetadataException.wrong(
                    manifest.path(),
                    "it has " + files
                            + " live files, and its manifest list says none, so that a reader passes over it");
        }
    }
}
