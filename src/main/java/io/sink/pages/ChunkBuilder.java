package io.sink.pages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.ColumnIndexBuilder;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndexBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One column chunk of the output, page by page, in memory until the chunks before it are written.
 *
 * <p>Pages are compressed by whichever thread of the fork-join pool has time, and stand in the order in which they were
 * added.
 */
final class ChunkBuilder {
    /** Bounds in a column index are cut to this many bytes, as Parquet's writers do. */
    private static final int INDEX_BYTES = 64;

    /** Parquet's writer leaves statistics out, counts of nulls and all, whose bounds take more than this. */
    private static final int MAX_STATISTICS = 4096;

    /** A position for a chunk that stands nowhere yet; 0 would mean that there is none. */
    private static final long START = 4;

    /** Pages that may be on their way to be compressed, and bytes that they may have, but for one. */
    private static final int AHEAD = 8;

    private static final long BYTES_AHEAD = Runtime.getRuntime().maxMemory() / 32;

    private static final int BLOCK = 1 << 20;

    private static final ParquetMetadataConverter CONVERTER = new ParquetMetadataConverter();

    private final ColumnDescriptor column;
    private final Codecs codecs;
    private final Buffers buffers;
    private final Deque<Page> ahead = new ArrayDeque<>();
    private long bytesAhead;
    private final List<ByteBuffer> segments = new ArrayList<>();
    private final List<ByteBuffer> blocks = new ArrayList<>();
    private final EncodingStats.Builder encodingStats = new EncodingStats.Builder();
    private final Set<Encoding> encodings = new HashSet<>();
    private final OffsetIndexBuilder offsets = OffsetIndexBuilder.getBuilder();
    private final LeafSummary summary;
    private ColumnIndexBuilder index;
    private @Nullable BloomFilter bloom;
    private @Nullable ByteBuffer dictionary;
    private @Nullable Encoding dictionaryEncoding;
    private boolean dictionaryUsed;
    private long dictionarySize;
    private long size;
    private long uncompressed;
    private long rows;

    ChunkBuilder(ColumnDescriptor column, Codecs codecs, Buffers buffers) {
        this.column = column;
        this.codecs = codecs;
        this.buffers = buffers;
        this.summary = new LeafSummary(column.getPrimitiveType());
        this.index = ColumnIndexBuilder.getBuilder(column.getPrimitiveType(), INDEX_BYTES);
    }

    /**
     * The bytes of a page.
     *
     * @param pieces arrays of which all bytes stand one behind the other
     * @param full bytes of the header, and of the body uncompressed
     */
    private record Bytes(List<ByteBuffer> pieces, long full, boolean own) {}

    /**
     * A page that is being made.
     *
     * @param length bytes that it keeps in memory until then
     */
    private record Page(
            Work<Bytes> bytes,
            int length,
            int values,
            int rowCount,
            Statistics<?> statistics,
            Encoding encoding,
            boolean secondVersion) {}

    /** What the pages hold, to be filled in by who adds them. */
    LeafSummary summary() {
        return summary;
    }

    long rows() {
        return rows;
    }

    /**
     * Sets the dictionary.
     *
     * @param plain its values, uncompressed
     */
    void dictionary(byte[] plain, int values, Encoding encoding) {
        byte[] body = codecs.compress(plain, plain.length);
        ByteArrayOutputStream page = new ByteArrayOutputStream(body.length + 32);
        try {
            CONVERTER.writeDictionaryPageHeader(plain.length, body.length, values, encoding, crc(body), page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int header = page.size();
        page.writeBytes(body);
        dictionary = ByteBuffer.wrap(page.toByteArray());
        dictionaryEncoding = encoding;
        dictionarySize = header + (long) plain.length;
    }

    /**
     * Adds a page of the first version.
     *
     * @param body levels and values, uncompressed, in an array that is given up: it goes back to the buffers
     * @param statistics of the page, its nulls counted; bounds may be cut
     */
    void page(byte[] body, int length, int values, int rowCount, Statistics<?> statistics, Encoding encoding) {
        add(() -> compressed(body, length, values, encoding), length, values, rowCount, statistics, encoding, false);
    }

    private Bytes compressed(byte[] body, int length, int values, Encoding encoding) throws IOException {
        byte[] bytes = codecs.compress(body, length);
        buffers.give(body);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        CONVERTER.writeDataPageV1Header(
                length, bytes.length, values, Encoding.RLE, Encoding.RLE, encoding, crc(bytes), header);
        return new Bytes(
                List.of(ByteBuffer.wrap(header.toByteArray()), ByteBuffer.wrap(bytes)),
                header.size() + (long) length,
                true);
    }

    /** Adds a page of the second version, whose levels are not compressed. */
    void pageV2(
            int rowCount,
            int nullCount,
            int values,
            BytesInput repetition,
            BytesInput definition,
            BytesInput data,
            Statistics<?> statistics,
            Encoding encoding) {
        ByteArrayOutputStream levels = new ByteArrayOutputStream();
        byte[] plain;
        try {
            repetition.writeAllTo(levels);
            definition.writeAllTo(levels);
            plain = data.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int repetitionSize = Math.toIntExact(repetition.size());
        int definitionSize = Math.toIntExact(definition.size());
        add(
                () -> {
                    byte[] bytes = plain.length == 0 ? plain : codecs.compress(plain, plain.length);
                    CRC32 crc = new CRC32();
                    crc.update(levels.toByteArray());
                    crc.update(bytes);
                    ByteArrayOutputStream header = new ByteArrayOutputStream();
                    CONVERTER.writeDataPageV2Header(
                            levels.size() + plain.length,
                            levels.size() + bytes.length,
                            values,
                            nullCount,
                            rowCount,
                            encoding,
                            repetitionSize,
                            definitionSize,
                            bytes.length > 0,
                            (int) crc.getValue(),
                            header,
                            null,
                            null);
                    return new Bytes(
                            List.of(
                                    ByteBuffer.wrap(header.toByteArray()),
                                    ByteBuffer.wrap(levels.toByteArray()),
                                    ByteBuffer.wrap(bytes)),
                            (long) header.size() + levels.size() + plain.length,
                            true);
                },
                plain.length,
                values,
                rowCount,
                statistics,
                encoding,
                true);
    }

    /**
     * Adds a page as it stands in a source, whose bytes stay where they are until the chunk is written.
     *
     * @param page header and body
     * @param full bytes of the header, and of the body uncompressed
     */
    void copy(
            ByteBuffer page,
            long full,
            int values,
            int rowCount,
            Statistics<?> statistics,
            Encoding encoding,
            boolean secondVersion) {
        // Behind those that are being compressed.
        Work<Bytes> bytes = Work.done(new Bytes(List.of(page), full, false));
        ahead.add(new Page(bytes, 0, values, rowCount, statistics, encoding, secondVersion));
    }

    void bloom(BloomFilter filter) {
        bloom = filter;
    }

    private void add(
            Callable<Bytes> making,
            int length,
            int values,
            int rowCount,
            Statistics<?> statistics,
            Encoding encoding,
            boolean secondVersion) {
        while (ahead.size() >= AHEAD || (bytesAhead > BYTES_AHEAD - length && !ahead.isEmpty())) {
            settleNext();
        }
        bytesAhead += length;
        Work<Bytes> bytes = Work.forked(making);
        ahead.add(new Page(bytes, length, values, rowCount, statistics, encoding, secondVersion));
    }

    private void settleNext() {
        Page page = ahead.remove();
        bytesAhead -= page.length();
        add(page, page.bytes().await());
    }

    private void add(Page page, Bytes bytes) {
        int length = 0;
        for (ByteBuffer piece : bytes.pieces()) {
            length += piece.remaining();
            if (bytes.own()) {
                store(piece);
            } else {
                segments.add(piece);
            }
        }
        size += length;
        uncompressed += bytes.full();
        rows += page.rowCount();
        offsets.add(length, page.rowCount());
        Statistics<?> statistics = page.statistics();
        boolean known = statistics.isNumNullsSet()
                && (statistics.hasNonNullValue() || statistics.getNumNulls() == page.values());
        if (known) {
            index.add(statistics);
        } else {
            index = ColumnIndexBuilder.getNoOpBuilder();
        }
        encodingStats.addDataEncoding(page.encoding());
        encodings.add(page.encoding());
        if (page.secondVersion()) {
            encodingStats.withV2Pages();
        }
        dictionaryUsed |= page.encoding().usesDictionary();
    }

    /** Copies the bytes to where they stay until the chunk is written. */
    private void store(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            ByteBuffer block = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
            if (block == null || !block.hasRemaining()) {
                block = ByteBuffer.wrap(buffers.take(BLOCK));
                blocks.add(block);
            }
            int from = block.position();
            int count = Math.min(block.remaining(), bytes.remaining());
            block.put(bytes.slice().limit(count));
            bytes.position(bytes.position() + count);
            segments.add(ByteBuffer.wrap(block.array(), from, count));
        }
    }

    /** Waits for the pages that are being compressed; nothing may be added after this. */
    void finish() {
        while (!ahead.isEmpty()) {
            settleNext();
        }
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /**
     * Writes the chunk as the next one of the row group, and lets go of its bytes. It must be {@linkplain #finish
     * finished}.
     *
     * @param statistics of the whole chunk: exact, or no bounds at all
     */
    void writeTo(ParquetFileWriter writer, Statistics<?> statistics) throws IOException {
        if (!ahead.isEmpty()) {
            throw new IllegalStateException("not finished");
        }
        Statistics<?> footer = statistics;
        if (!statistics.isEmpty() && !statistics.isSmallerThan(MAX_STATISTICS)) {
            summary.footerWillSayLess();
            footer = PageStatistics.statistics(column.getPrimitiveType(), statistics.getNumNulls(), null, null);
        }
        ByteBuffer first = dictionaryUsed ? dictionary : null;
        if (dictionaryUsed && first == null) {
            throw new IllegalStateException("no dictionary for column " + String.join(".", column.getPath()));
        }
        int before = first == null ? 0 : first.remaining();
        if (first != null && dictionaryEncoding != null) {
            encodingStats.addDictEncoding(dictionaryEncoding);
            encodings.add(dictionaryEncoding);
        }
        if (column.getMaxRepetitionLevel() > 0 || column.getMaxDefinitionLevel() > 0) {
            encodings.add(Encoding.RLE);
        }
        ColumnChunkMetaData metadata = ColumnChunkMetaData.get(
                ColumnPath.get(column.getPath()),
                column.getPrimitiveType(),
                codecs.output(),
                encodingStats.build(),
                encodings,
                footer,
                START + before,
                first == null ? 0 : START,
                summary.values(),
                before + size,
                (first == null ? 0 : dictionarySize) + uncompressed);
        ColumnIndex columnIndex = index.build();
        OffsetIndex offsetIndex = offsets.build(START + before);
        List<ByteBuffer> all = new ArrayList<>();
        if (first != null) {
            all.add(first);
        }
        all.addAll(segments);
        writer.appendColumnChunk(column, new SegmentStream(all, START), metadata, bloom, columnIndex, offsetIndex);
        segments.clear();
        blocks.forEach(block -> buffers.give(block.array()));
        blocks.clear();
    }
}
