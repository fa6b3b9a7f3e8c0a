package io.sink.pages;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.schema.MessageType;

/**
 * A Parquet file made of row groups of other files, column by column, each in the cheapest way that is allowed.
 *
 * <p>Two threads make column chunks, and help each other with the pages of one; the caller's thread writes them in
 * order. Memory holds up to five chunks of the output, and the source chunks of two of them.
 */
public final class MergedFile implements Closeable {
    private static final int THREADS = Math.min(2, Runtime.getRuntime().availableProcessors());

    /** Columns that are begun before they can be written, since narrow ones wait while a wide one is made. */
    private static final int AHEAD = THREADS + 2;

    private final MessageType schema;
    private final List<ColumnDescriptor> columns;
    private final WriteSettings settings;
    private final ParquetFileWriter writer;
    private final ForkJoinPool threads;
    private final Codecs codecs;
    private final Buffers buffers;
    private final ChunkCheck check;
    private final List<LeafSummary> leaves = new ArrayList<>();
    private final Map<Share, Long> shares = new EnumMap<>(Share.class);
    private boolean ended;

    /**
     * Begins the file.
     *
     * @param buffers the memory of the merge; may also hold the bytes of the sources
     * @param check looks at each chunk before it is written
     * @throws UncheckedIOException if it cannot be created
     */
    public MergedFile(OutputFile file, MessageType schema, WriteSettings settings, Buffers buffers, ChunkCheck check) {
        this.schema = schema;
        this.settings = settings;
        this.columns = schema.getColumns();
        columns.forEach(column -> leaves.add(new LeafSummary(column.getPrimitiveType())));
        try {
            this.writer = new ParquetFileWriter(
                    file,
                    schema,
                    ParquetFileWriter.Mode.CREATE,
                    ParquetProperties.DEFAULT_PAGE_SIZE,
                    0,
                    ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
                    ParquetProperties.DEFAULT_STATISTICS_TRUNCATE_LENGTH,
                    true);
            writer.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.buffers = buffers;
        this.check = check;
        this.codecs = new Codecs(settings.codec(), settings.codecLevel());
        this.threads = new ForkJoinPool(
                THREADS,
                pool -> {
                    ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
                    thread.setName("sink-pages-" + thread.getPoolIndex());
                    return thread;
                },
                null,
                false);
    }

    /**
     * Writes one row group.
     *
     * @param parts the parts of the sources, in the order of rows; at least one row must be live
     * @param between called before each column; stops the work by throwing
     * @throws BrokenPageException if a source is damaged
     */
    public void rowGroup(List<RowGroupPart> parts, Runnable between) {
        long rows = parts.stream().mapToLong(RowGroupPart::liveRows).sum();
        Deque<ForkJoinTask<BuiltChunk>> ahead = new ArrayDeque<>();
        try {
            writer.startBlock(rows);
            int next = 0;
            for (int number = 0; number < columns.size(); number++) {
                between.run();
                while (next < columns.size() && ahead.size() < AHEAD) {
                    int column = next++;
                    ahead.add(threads.submit(() -> checked(column, parts)));
                }
                write(number, ahead.remove().join(), rows);
            }
            writer.endBlock();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            // Sources may be closed once this returns, so no thread may still read them.
            ahead.forEach(ForkJoinTask::quietlyJoin);
        }
    }

    private void write(int number, BuiltChunk built, long rows) throws IOException {
        if (built.chunk().rows() != rows) {
            throw new IllegalStateException(built.chunk().rows() + " of " + rows + " rows in column "
                    + String.join(".", columns.get(number).getPath()));
        }
        built.chunk().writeTo(writer, built.made());
        leaves.get(number).add(built.chunk().summary());
        built.shares().forEach((share, bytes) -> shares.merge(share, bytes, Long::sum));
    }

    private BuiltChunk checked(int number, List<RowGroupPart> parts) {
        BuiltChunk built = chunk(number, parts);
        check.check(number, built.made());
        return built;
    }

    private BuiltChunk chunk(int number, List<RowGroupPart> parts) {
        ColumnDescriptor column = columns.get(number);
        ParquetProperties properties = settings.properties();
        boolean plain = !properties.isBloomFilterEnabled(column)
                && properties.isDictionaryEnabled(column)
                && properties.getStatisticsEnabled(column)
                && properties.getWriterVersion() == WriterVersion.PARQUET_1_0;
        if (plain) {
            try {
                return new PageMerge(column, number, settings, codecs, buffers).merge(parts);
            } catch (NotByPageException e) {
                // Values are moved one by one instead.
            }
        }
        return new Transcoder(schema, column, number, settings, codecs, buffers, parts).transcode();
    }

    private void letGo() {
        threads.shutdown();
        boolean interrupted = false;
        // After a failure a page may still be compressed, and its codec must not be closed meanwhile.
        while (!threads.isTerminated()) {
            try {
                threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        codecs.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The number of bytes written so far. */
    public long length() {
        try {
            return writer.getPos();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends the file.
     *
     * @param metadata keys and values for the footer
     * @return its footer, with statistics that the file itself may omit
     */
    public ParquetMetadata end(Map<String, String> metadata) {
        try {
            writer.end(metadata);
            ended = true;
            return writer.getFooter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            letGo();
        }
    }

    /** The summary of each leaf column, in the order of the schema. */
    public List<LeafSummary> leaves() {
        return List.copyOf(leaves);
    }

    /** Compressed bytes of the sources by what was done with them. */
    public Map<Share, Long> shares() {
        return Map.copyOf(shares);
    }

    /** Closes a file that was not ended, after a failure. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            letGo();
            try {
                writer.close();
            } catch (IOException | RuntimeException e) {
                // The earlier failure is the one to report.
            }
        }
    }
}
