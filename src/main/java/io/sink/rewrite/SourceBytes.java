package io.sink.rewrite;

import io.sink.pages.BrokenPageException;
import io.sink.pages.Buffers;
import io.sink.pages.FileBytes;
import io.sink.rewrite.Footers.Known;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;

/** The bytes of a data file, read through Iceberg's FileIO: a small file as a whole, a large one range by range. */
final class SourceBytes implements FileBytes, Closeable {
    private static final int LEAST_SMALL = 4 << 20;
    private static final int MOST_SMALL = 32 << 20;

    private final InputFile file;
    private final long length;
    private final ParquetMetadata footer;
    private final Buffers buffers;
    private volatile @Nullable ByteBuffer whole;
    private final boolean small;
    private final Map<Long, ByteBuffer> kept = new ConcurrentHashMap<>();
    private volatile boolean keeps;

    private SourceBytes(
            InputFile file, long length, ParquetMetadata footer, @Nullable ByteBuffer whole, Buffers buffers) {
        this.file = file;
        this.length = length;
        this.footer = footer;
        this.buffers = buffers;
        this.whole = whole;
        this.small = whole != null;
    }

    /** Greatest size of a file that is fetched as a whole, in bytes: up to there requests cost more than bytes. */
    static long small(Buffers buffers) {
        return Math.max(LEAST_SMALL, Math.min(MOST_SMALL, buffers.memory() / 32));
    }

    /**
     * Opens a file, and fetches it if it is small.
     *
     * @param known the footer and bytes that were read before; null if there are none
     * @param buffers lend the memory for a small file until it is closed
     * @throws BrokenPageException if the file has no valid footer
     */
    static SourceBytes open(InputFile file, @Nullable Known known, Buffers buffers) {
        long length = file.getLength();
        ByteBuffer whole = known == null ? null : known.whole();
        if (whole == null && length <= small(buffers)) {
            whole = ByteBuffer.wrap(buffers.take((int) length)).limit((int) length);
            fetch(file, 0, whole.array(), (int) length);
        }
        ParquetMetadata footer;
        if (known != null) {
            footer = known.footer();
        } else {
            footer = whole == null ? ParquetFooter.read(file) : ParquetFooter.of(file.location(), whole);
        }
        return new SourceBytes(file, length, footer, whole, buffers);
    }

    /** Reads exactly these bytes through a stream, with the retries of the storage's own stream. */
    static void fetch(InputFile file, long position, byte[] to, int count) {
        try (SeekableInputStream in = file.newStream()) {
            in.seek(position);
            IOUtil.readFully(in, to, 0, count);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file.location(), e);
        }
    }

    /** The file's footer. */
    ParquetMetadata footer() {
        return footer;
    }

    @Override
    public String name() {
        return file.location();
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public ByteBuffer read(long offset, int count) {
        if (offset < 0 || count < 0 || offset > length - count) {
            throw new BrokenPageException(
                    "No bytes " + offset + " to " + (offset + count) + " in " + name() + ", which has " + length);
        }
        if (small) {
            ByteBuffer held = whole;
            if (held == null) {
                throw new IllegalStateException(name() + " is closed");
            }
            return ByteBuffer.wrap(held.array(), (int) offset, count);
        }
        return ByteBuffer.wrap(range(file, offset, count));
    }

    /** Reads a chunk, and keeps it if {@link #again} will ask for it. */
    @Override
    public ByteBuffer readChunk(long offset, int count) {
        if (small || !keeps) {
            return read(offset, count);
        }
        ByteBuffer known = kept.get(offset);
        if (known == null || known.remaining() != count) {
            known = read(offset, count);
            kept.put(offset, known);
        }
        return known.duplicate();
    }

    /** Keeps each chunk that is read until it is read {@linkplain #again}. */
    void keepChunks() {
        keeps = true;
    }

    /** Reads a chunk that was read before, once: from memory if it was kept. */
    ByteBuffer again(long offset, int count) {
        ByteBuffer known = kept.remove(offset);
        return known == null || known.remaining() != count ? read(offset, count) : known;
    }

    /** Reads exactly these bytes, with a request for no others if the storage can. */
    static byte[] range(InputFile file, long offset, int count) {
        byte[] bytes = new byte[count];
        if (!range(file, offset, bytes)) {
            fetch(file, offset, bytes, count);
        }
        return bytes;
    }

    /** Requests exactly this range if the stream can; a plain stream requests everything to the end of the file. */
    private static boolean range(InputFile file, long offset, byte[] bytes) {
        try (SeekableInputStream in = file.newStream()) {
            if (in instanceof RangeReadable ranges) {
                ranges.readFully(offset, bytes);
                return true;
            }
            return false;
        } catch (IOException | RuntimeException e) {
            // The plain stream tries again, and reports in Iceberg's terms what is wrong.
            return false;
        }
    }

    /** Returns the memory; nobody may read the bytes any more. */
    @Override
    public void close() {
        kept.clear();
        ByteBuffer held = whole;
        whole = null;
        if (held != null) {
            buffers.give(held.array());
        }
    }
}
