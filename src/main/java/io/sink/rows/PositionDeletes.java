package io.sink.rows;

import io.sink.table.DamagedFileException;
import io.sink.table.OrcShims;
import io.sink.table.SoundParquet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DeleteSchemaUtil;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.util.CharSequenceMap;
import org.apache.iceberg.util.ThreadPools;
import org.jspecify.annotations.Nullable;

/**
 * The positions that deletion vectors and position-delete files drop. What was read is kept in memory up to a bound,
 * since a delete file may apply to several data files.
 *
 * <p>It always takes the caching path of Iceberg's loader: the other path filters a position-delete file by statistics
 * in its footer, which writers may truncate, and misses deletes.
 */
final class PositionDeletes {
    private static final long MAX_KEPT_BYTES = 16L << 20;

    /** Some 70 billion: more rows than any file has, and of the bitmaps below it there are few enough for each file. */
    private static final long MOST_POSITION = 1L << 36;

    private final Loader together;
    private final Loader alone;
    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, DeleteFile> files = new ConcurrentHashMap<>();
    private final FileIO io;
    private long keptBytes;

    private record Kept(Object value, long bytes) {}

    PositionDeletes(FileIO io) {
        OrcShims.choose();
        this.io = io;
        this.together = new Loader(io, ThreadPools.getDeleteWorkerPool());
        this.alone = new Loader(io, null);
    }

    /** The deleted positions of the input; empty if no such delete applies. */
    PositionDeleteIndex of(GroupInput input) {
        List<DeleteFile> deletes = input.deletes().stream()
                .filter(delete -> delete.content() == FileContent.POSITION_DELETES)
                .toList();
        if (deletes.isEmpty()) {
            return PositionDeleteIndex.empty();
        }
        deletes.forEach(delete -> files.put(delete.location(), delete));
        // Iceberg checks only every ten milliseconds whether another thread has finished.
        Loader loader = deletes.size() == 1 ? alone : together;
        String data = input.data().location();
        try {
            return loader.loadPositionDeletes(deletes, data);
        } catch (RuntimeException e) {
            throw named(deletes, data, e);
        }
    }

    /** Names the delete file that cannot be read: if there are several, their readers do not tell which it was. */
    private RuntimeException named(List<DeleteFile> deletes, String data, RuntimeException failure) {
        for (DeleteFile delete : deletes) {
            if (deletes.size() == 1) {
                return UnreadableFileException.of(delete.location(), failure);
            }
            try {
                alone.loadPositionDeletes(List.of(delete), data);
            } catch (RuntimeException e) {
                return UnreadableFileException.of(delete.location(), e);
            }
        }
        return failure;
    }

    /**
     * The positions in a delete file, by data file. Iceberg's loader would neither compare the number of rows with the
     * manifest nor bound a position, and it takes memory for each four billion positions below the largest.
     */
    private CharSequenceMap<PositionDeleteIndex> read(DeleteFile delete) {
        long[] read = {0};
        CloseableIterable<Record> rows = RowFiles.builder(
                        delete.format(), sound(io, delete), DeleteSchemaUtil.pathPosSchema())
                .build();
        // Closes the rows as well.
        CharSequenceMap<PositionDeleteIndex> positions = Deletes.toPositionIndexes(
                CloseableIterable.transform(rows, row -> {
                    long position = row.get(1, Long.class);
                    if (position < 0 || position > MOST_POSITION) {
                        throw new DamagedFileException(
                                delete.location() + " is damaged: it deletes the row at position " + position);
                    }
                    DamagedFileException.requireNoMore(delete, ++read[0]);
                    return row;
                }),
                delete);
        DamagedFileException.requireRows(delete, read[0]);
        return positions;
    }

    @SuppressWarnings("unchecked")
    private synchronized <V> V keptOr(String key, Supplier<V> load, long bytes) {
        Kept found = kept.get(key);
        if (found != null) {
            return (V) found.value();
        }
        V value = load.get();
        if (bytes <= MAX_KEPT_BYTES) {
            var eldest = kept.entrySet().iterator();
            while (keptBytes + bytes > MAX_KEPT_BYTES) {
                keptBytes -= eldest.next().getValue().bytes();
                eldest.remove();
            }
            kept.put(key, new Kept(value, bytes));
            keptBytes += bytes;
        }
        return value;
    }

    private static InputFile sound(FileIO io, DeleteFile delete) {
        InputFile file = io.newInputFile(delete);
        return delete.format() == FileFormat.PUFFIN
                ? new SoundVector(file, delete)
                : SoundParquet.of(file, delete.format());
    }

    private final class Loader extends BaseDeleteLoader {
        /** @param threads the threads that read; null for the caller's own */
        Loader(FileIO io, @Nullable ExecutorService threads) {
            super(delete -> sound(io, delete), threads);
        }

        @Override
        protected boolean canCache(long size) {
            return true;
        }

        @Override
        @SuppressWarnings("unchecked")
        protected <V> V getOrLoad(String key, Supplier<V> load, long bytes) {
            DeleteFile delete = files.get(key);
            return delete == null || delete.format() == FileFormat.PUFFIN
                    ? keptOr(key, load, bytes)
                    : keptOr(key, () -> (V) read(delete), bytes);
        }
    }
}
