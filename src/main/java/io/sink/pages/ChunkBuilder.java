package io.sink.pages;

import io.sink.pages.ChunkCheck.NewChunk;
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
import org.apache.parquet.internal.column.columnindex.ColumnIndexBuilder;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndexBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One column chunk of the output, page by page, in memory until the chunks before it are written.
 *
 * <p>Pages are compressed by any thread of the fork-join pool, and keep the order in which they were added.
 */
final class ChunkBuilder {
    /** Bounds in a column index are truncated to this many bytes, as by Parquet's writers. */
    private static final int INDEX_BYTES = 64;

    /** Parquet's writer omits statistics, with their counts of nulls, if their bounds take more bytes than this. */
    private static final int MAX_STATISTICS = 4096;

    /** The position of a chunk that is not written yet; 0 would mean that there is none. */
    private static final long START = 4;

    /** The most pages that wait to be compressed. */
    private static final int AHEAD = 8;

    private static final ParquetMetadataConverter CONVERTER = new ParquetMetadataConverter();

    private final ColumnDescriptor column;
    private final Codecs codecs;
    private final Buffers buffers;
    private final Deque<Page> ahead = new ArrayDeque<>();
    private long bytesAhead;
    private final ChunkBytes bytes;
    private final Encodings encodings = new Encodings();
    private final OffsetIndexBuilder offsets = OffsetIndexBuilder.getBuilder();
    private final LeafSummary summary;
    private ColumnIndexBuilder index;
    private @Nullable BloomFilter bloom;
    private @Nullable Dictionary dictionary;
    private long uncompressed;
    private long rows;

    ChunkBuilder(ColumnDescriptor column, Codecs codecs, Buffers buffers) {
        this.column = column;
        this.codecs = codecs;
        this.buffers = buffers;
        this.bytes = new ChunkBytes(buffers);
        this.summary = new LeafSummary(column.getPrimitiveType());
        this.index = ColumnIndexBuilder.getBuilder(column.getPrimitiveType(), INDEX_BYTES);
    }

    /**
     * The bytes of a page.
     *
     * @param pieces buffers whose bytes follow one another
     * @param full bytes of the header and of the uncompressed body
     * @param own whether the bytes are copied; else they refer to the source
     */
    private record Bytes(List<ByteBuffer> pieces, long full, boolean own) {}

    /**
     * A page that is being made.
     *
     * @param length bytes that it takes in memory until it is made
     */
    private record Page(Work<Bytes> bytes, int length, PageInfo info) {}

    /** The encodings of the pages. */
    private static final class Encodings {
        private final EncodingStats.Builder stats = new EncodingStats.Builder();
        private final Set<Encoding> all = new HashSet<>();
        private boolean dictionaryUsed;

        void add(PageInfo page) {
            stats.addDataEncoding(page.encoding());
            all.add(page.encoding());
            if (page.secondVersion()) {
                stats.withV2Pages();
            }
            dictionaryUsed |= page.encoding().usesDictionary();
        }
    }

    /**
     * The dictionary, as it will be written.
     *
     * @param page header and body
     * @param full bytes of the header and of the uncompressed body
     */
    private record Dictionary(ByteBuffer page, Encoding encoding, long full) {}

    /** The summary of the pages, which the caller fills in as it adds them. */
    LeafSummary summary() {
        return summary;
    }

    long rows() {
        return rows;
    }

    /**
     * Sets the dictionary.
     *
     * @param plain its values in plain encoding, uncompressed
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
        dictionary = new Dictionary(ByteBuffer.wrap(page.toByteArray()), encoding, header + (long) plain.length);
    }

    /**
     * Adds a page of the first version.
     *
     * @param body levels and values, uncompressed; the array is returned to the buffers
     */
    void page(byte[] body, int length, PageInfo info) {
        add(() -> compressed(body, length, info), length, info);
    }

    private Bytes compressed(byte[] body, int length, PageInfo info) throws IOException {
        byte[] bytes = codecs.compress(body, length);
        buffers.give(body);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        CONVERTER.writeDataPageV1Header(
                length, bytes.length, info.values(), Encoding.RLE, Encoding.RLE, info.encoding(), crc(bytes), header);
        return new Bytes(
                List.of(ByteBuffer.wrap(header.toByteArray()), ByteBuffer.wrap(bytes)),
                header.size() + (long) length,
                true);
    }

    /** Adds a page of the second version, whose levels are not compressed. */
    void pageV2(PageInfo info, int nulls, BytesInput repetition, BytesInput definition, BytesInput data) {
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
                            info.values(),
                            nulls,
                            info.rows(),
                            info.encoding(),
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
                info);
    }

    /**
     * Adds an unchanged page of a source, whose bytes are not copied and must stay until the chunk is written.
     *
     * @param page header and body
     * @param full bytes of the header and of the uncompressed body
     */
    void copy(ByteBuffer page, long full, PageInfo info) {
        // After the pages that are being compressed.
        ahead.add(new Page(Work.done(new Bytes(List.of(page), full, false)), 0, info));
    }

    void bloom(BloomFilter filter) {
        bloom = filter;
    }

    private void add(Callable<Bytes> making, int length, PageInfo info) {
        while (ahead.size() >= AHEAD || (bytesAhead > buffers.ahead() - length && !ahead.isEmpty())) {
            settleNext();
        }
        bytesAhead += length;
        ahead.add(new Page(Work.forked(making), length, info));
    }

    private void settleNext() {
        Page page = ahead.remove();
        bytesAhead -= page.length();
        add(page.info(), page.bytes().await());
    }

    private void add(PageInfo page, Bytes made) {
        int length = 0;
        for (ByteBuffer piece : made.pieces()) {
            length += piece.remaining();
            if (made.own()) {
                bytes.copy(piece);
            } else {
                bytes.refer(piece);
            }
        }
        uncompressed += made.full();
        rows += page.rows();
        offsets.add(length, page.rows());
        Statistics<?> statistics = page.statistics();
        boolean known = statistics.isNumNullsSet()
                && (statistics.hasNonNullValue() || statistics.getNumNulls() == page.values());
        if (known) {
            index.add(statistics);
        } else {
            index = ColumnIndexBuilder.getNoOpBuilder();
        }
        encodings.add(page);
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
     * The chunk as it will be written, once it is {@linkplain #finish finished}.
     *
     * @param statistics the statistics of the whole chunk: exact, or without bounds
     */
    NewChunk made(Statistics<?> statistics) {
        if (!ahead.isEmpty()) {
            throw new IllegalStateException("not finished");
        }
        Statistics<?> footer = statistics;
        if (!statistics.isEmpty() && !statistics.isSmallerThan(MAX_STATISTICS)) {
            summary.footerWillSayLess();
            footer = PageStatistics.statistics(column.getPrimitiveType(), statistics.getNumNulls(), null, null);
        }
        Dictionary first = encodings.dictionaryUsed ? dictionary : null;
        if (encodings.dictionaryUsed && first == null) {
            throw new IllegalStateException("no dictionary for column " + String.join(".", column.getPath()));
        }
        int before = first == null ? 0 : first.page().remaining();
        if (first != null) {
            encodings.stats.addDictEncoding(first.encoding());
            encodings.all.add(first.encoding());
        }
        if (column.getMaxRepetitionLevel() > 0 || column.getMaxDefinitionLevel() > 0) {
            encodings.all.add(Encoding.RLE);
        }
        ColumnChunkMetaData metadata = ColumnChunkMetaData.get(
                ColumnPath.get(column.getPath()),
                column.getPrimitiveType(),
                codecs.output(),
                encodings.stats.build(),
                encodings.all,
                footer,
                START + before,
                first == null ? 0 : START,
                summary.values(),
                before + bytes.size(),
                (first == null ? 0 : first.full()) + uncompressed);
        List<ByteBuffer> all = new ArrayList<>();
        if (first != null) {
            all.add(first.page());
        }
        all.addAll(bytes.segments());
        return new NewChunk(List.copyOf(all), metadata, rows, index.build(), bloom);
    }

    /** Writes the chunk as the next one of the row group, and releases its bytes. */
    void writeTo(ParquetFileWriter writer, NewChunk made) throws IOException {
        OffsetIndex offsetIndex = offsets.build(made.metadata().getFirstDataPageOffset());
        writer.appendColumnChunk(
                column,
                new SegmentStream(made.bytes(), START),
                made.metadata(),
                made.bloom(),
                made.index(),
                offsetIndex);
        bytes.release();
    }
}
