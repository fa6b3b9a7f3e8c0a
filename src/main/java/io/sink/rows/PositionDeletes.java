package io.sink.rows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.ThreadPools;
import org.jspecify.annotations.Nullable;

/**
 * The positions that deletion vectors and position-delete files drop; files about several data files are kept, up to a
 * bound.
 *
 * <p>Always takes the loader's caching path: the other one filters a position-delete file by its footer's statistics,
 * which writers cut, and loses rows.
 */
final class PositionDeletes {
    private static final long MAX_KEPT_BYTES = 16L << 20;

    private final Loader together;
    private final Loader alone;
    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;

    private record Kept(Object value, long bytes) {}

    PositionDeletes(FileIO io) {
        this.together = new Loader(io, ThreadPools.getDeleteWorkerPool());
        this.alone = new Loader(io, null);
    }

    /** The dropped positions of the input; empty where no such delete applies. */
    PositionDeleteIndex of(GroupInput input) {
        List<DeleteFile> deletes = input.deletes().stream()
                .filter(delete -> delete.content() == FileContent.POSITION_DELETES)
                .toList();
        if (deletes.isEmpty()) {
            return PositionDeleteIndex.empty();
        }
        // Iceberg looks only every ten milliseconds whether another thread has done its work.
        Loader loader = deletes.size() == 1 ? alone : together;
        return loader.loadPositionDeletes(deletes, input.data().location());
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

    private final class Loader extends BaseDeleteLoader {
        /** @param threads that read; null: the caller's own */
        Loader(FileIO io, @Nullable ExecutorService threads) {
            super(io::newInputFile, threads);
        }

        @Override
        protected boolean canCache(long size) {
            return true;
        }

        @Override
        protected <V> V getOrLoad(String key, Supplier<V> load, long bytes) {
            return keptOr(key, load, bytes);
        }
    }
}
