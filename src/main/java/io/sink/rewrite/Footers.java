package io.sink.rewrite;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the footers of data files that were read for the plan, and whole small files that came with them, so that the
 * rewrite needs no further request. Keeps as much as the memory allows, and drops the rest.
 */
public final class Footers {
    /** Memory that a footer takes for each column of the schema and of each row group. */
    private static final int BYTES_PER_CHUNK = 1024;

    private static final long MAX_WHOLE = 32 << 20;

    private final AtomicLong footerBytes;
    private final AtomicLong wholeBytes;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Runnable safePoint;
    private volatile boolean ended;

    /** @param memory bytes that may be held */
    public Footers(long memory) {
        this(memory, () -> {});
    }

    /**
     * @param memory bytes that may be held
     * @param safePoint called before each footer is read; what it throws ends the reading
     */
    public Footers(long memory, Runnable safePoint) {
        this.safePoint = safePoint;
        this.footerBytes = new AtomicLong(memory / 2);
        this.wholeBytes = new AtomicLong(Math.min(MAX_WHOLE, memory / 2));
    }

    /**
     * What is kept of a file.
     *
     * @param whole all bytes of the file; null if it is too large
     */
    record Known(ParquetMetadata footer, @Nullable ByteBuffer whole) {}

    /**
     * Reads the footer of a file, and keeps it if there is memory for it.
     *
     * @throws io.sink.pages.BrokenPageException if it is not a valid footer
     */
    ParquetMetadata read(InputFile file) {
        safePoint();
        ByteBuffer tail = ParquetFooter.tail(file);
        ParquetMetadata footer = ParquetFooter.of(file.location(), tail);
        ParquetFooter.requireChunks(footer, file);
        boolean whole = tail.limit() == file.getLength();
        if (take(footerBytes, memory(footer))) {
            known.put(file.location(), new Known(footer, whole && take(wholeBytes, tail.limit()) ? tail : null));
        }
        return footer;
    }

    /** Whoever reads many is to call this now and then; what it throws ends the reading. */
    void safePoint() {
        safePoint.run();
        if (ended) {
            throw new CancellationException("nobody needs more footers");
        }
    }

    /** Nobody needs more of them: who reads one from now on gets an exception. */
    void end() {
        ended = true;
    }

    private static boolean take(AtomicLong from, long bytes) {
        if (from.addAndGet(-bytes) >= 0) {
            return true;
        }
        from.addAndGet(bytes);
        return false;
    }

    private static long memory(ParquetMetadata footer) {
        long chunks = footer.getFileMetaData().getSchema().getColumns().size();
        for (var rowGroup : footer.getBlocks()) {
            chunks += rowGroup.getColumns().size();
        }
        return chunks * BYTES_PER_CHUNK;
    }

    /** The footer of a file, kept or else read. */
    ParquetMetadata of(InputFile file) {
        Known kept = known.get(file.location());
        return kept == null ? read(file) : kept.footer();
    }

    /** Removes and returns what is kept of the file; null if nothing is. */
    @Nullable
    Known take(String location) {
        return known.remove(location);
    }
}
