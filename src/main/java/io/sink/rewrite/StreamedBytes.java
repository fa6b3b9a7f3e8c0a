package io.sink.rewrite;

import io.sink.table.ObjectChecksum;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Watches the bytes of a file while they are written, so that a storage that keeps a checksum of the whole file need
 * not be asked for them. Used by the thread that writes.
 */
final class StreamedBytes {
    static final int NO_MORE = -1;
    /** Bytes in front of the first chunk of a Parquet file. */
    private static final int MAGIC = 4;

    private final ObjectChecksum whole;
    private final IntUnaryOperator lengths;
    private final List<StoredBytes.Place> chunks = new ArrayList<>();
    private final CRC32C checksum = new CRC32C();
    private long length;
    private long start;
    private int left = MAGIC;
    private boolean behindChunks;

    /**
     * @param whole that of the storage
     * @param lengths bytes of the chunk with a number, in the order in which they are written; {@link #NO_MORE} if none
     *     with this number was made yet
     */
    StreamedBytes(ObjectChecksum whole, IntUnaryOperator lengths) {
        this.whole = whole;
        this.lengths = lengths;
    }

    /** Takes the next bytes of the file. */
    void add(byte[] bytes, int from, int count) {
        whole.update(bytes, from, count);
        int at = from;
        while (at < from + count && !behindChunks) {
            if (left == 0) {
                nextChunk(length + at - from);
            } else {
                int now = Math.min(left, from + count - at);
                checksum.update(bytes, at, now);
                at += now;
                left -= now;
            }
        }
        length += count;
    }

    private void nextChunk(long position) {
        if (start > 0) {
            chunks.add(new StoredBytes.Place(start, (int) (position - start), (int) checksum.getValue()));
        }
        checksum.reset();
        start = position;
        left = lengths.applyAsInt(chunks.size());
        behindChunks = left == NO_MORE;
    }

    /**
     * Asks the storage for the file that was written.
     *
     * @param expected the chunks that were compared
     * @param size what the table's metadata will say
     * @return the name of the storage's checksum, if these chunks are what was written and the storage has exactly what
     *     was written; else null: the file has to be read
     */
    @Nullable
    String held(List<StoredBytes.Place> expected, long size) {
        return behindChunks && length == size && chunks.equals(expected) ? whole.held() : null;
    }
}
