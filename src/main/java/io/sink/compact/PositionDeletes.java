package io.sink.compact;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.FileIO;

/**
 * The positions that deletion vectors and position-delete files drop; files about several data files are kept, up to a
 * bound.
 *
 * <p>Always takes the loader's caching path: the other one filters a position-delete file by its footer's statistics,
 * which writers cut, and loses rows.
 */
final class PositionDeletes extends BaseDeleteLoader {
    private static final long MAX_KEPT_BYTES = 16L << 20;

    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;

    private record Kept(Object value, long bytes) {}

    PositionDeletes(FileIO io) {
        super(io::newInputFile);
    }

    /** The dropped positions of the input; empty where no such delete applies. */
    PositionDeleteIndex of(GroupInput input) {
        List<DeleteFile> deletes = input.deletes().stream()
                .filter(delete -> delete.content() == FileContent.POSITION_DELETES)
                .toList();
        return deletes.isEmpty()
                ? PositionDeleteIndex.empty()
                : loadPositionDeletes(deletes, input.data().location());
    }

    @Override
    protected boolean canCache(long size) {
        return true;
    }

    @Override
    @SuppressWarnings("unchecked")
    protected synchronized <V> V getOrLoad(String key, Supplier<V> load, long bytes) {
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
}
