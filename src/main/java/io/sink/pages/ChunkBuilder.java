package io.sink.pages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

/** One column chunk of the output, page by page, in memory until the chunks before it are written. */
final class ChunkBuilder {
    /** Bounds in a column index are cut to this many bytes, as Parquet's writers do. */
    private static final int INDEX_BYTES = 64;

    /** Parquet's writer leaves statistics out, counts of nulls and all, whose bounds take more than this. */
    private static final int MAX_STATISTICS = 4096;

    /** A position for a chunk that stands nowhere yet; 0 would mean that there is none. */
    private static final long START = 4;

    private static final ParquetMetadataConverter CONVERTER = new ParquetMetadataConverter();

    private final ColumnDescriptor column;
    private final Codecs codecs;
    private final List<ByteBuffer> segments = new ArrayList<>();
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

    ChunkBuilder(ColumnDescriptor column, Codecs codecs) {
        this.column = column;
        this.codecs = codecs;
        this.summary = new LeafSummary(column.getPrimitiveType());
        this.index = ColumnIndexBuilder.getBuilder(column.getPrimitiveType(), INDEX_BYTES);
    }

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
    void dictionary(BytesInput plain, int values, Encoding encoding) {
        byte[] body = codecs.compress(plain);
        ByteArrayOutputStream page = new ByteArrayOutputStream(body.length + 32);
        try {
            CONVERTER.writeDictionaryPageHeader(
                    Math.toIntExact(plain.size()), body.length, values, encoding, crc(body), page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int header = page.size();
        page.writeBytes(body);
        dictionary = ByteBuffer.wrap(page.toByteArray());
        dictionaryEncoding = encoding;
        dictionarySize = header + plain.size();
    }

    /**
     * Adds a page of the first version.
     *
     * @param body levels and values, uncompressed
     * @param statistics of the page, its nulls counted; bounds may be cut
     */
    void page(BytesInput body, int values, int rowCount, Statistics<?> statistics, Encoding encoding) {
        byte[] bytes = codecs.compress(body);
        ByteArrayOutputStream page = new ByteArrayOutputStream(bytes.length + 32);
        try {
            CONVERTER.writeDataPageV1Header(
                    Math.toIntExact(body.size()),
                    bytes.length,
                    values,
                    Encoding.RLE,
                    Encoding.RLE,
                    encoding,
                    crc(bytes),
                    page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long full = page.size() + body.size();
        page.writeBytes(bytes);
        add(ByteBuffer.wrap(page.toByteArray()), full, values, rowCount, statistics, encoding, false);
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
        byte[] bytes = data.size() == 0 ? new byte[0] : codecs.compress(data);
        ByteArrayOutputStream levels = new ByteArrayOutputStream();
        ByteArrayOutputStream page = new ByteArrayOutputStream(bytes.length + 32);
        try {
            repetition.writeAllTo(levels);
            definition.writeAllTo(levels);
            CRC32 crc = new CRC32();
            crc.update(levels.toByteArray());
            crc.update(bytes);
            CONVERTER.writeDataPageV2Header(
                    Math.toIntExact(levels.size() + data.size()),
                    levels.size() + bytes.length,
                    values,
                    nullCount,
                    rowCount,
                    encoding,
                    Math.toIntExact(repetition.size()),
                    Math.toIntExact(definition.size()),
                    bytes.length > 0,
                    (int) crc.getValue(),
                    page,
                    null,
                    null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long full = page.size() + levels.size() + data.size();
        page.writeBytes(levels.toByteArray());
        page.writeBytes(bytes);
        add(ByteBuffer.wrap(page.toByteArray()), full, values, rowCount, statistics, encoding, true);
    }

    /**
     * Adds a page as it stands in a source.
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
        add(page, full, values, rowCount, statistics, encoding, secondVersion);
    }

    void bloom(BloomFilter filter) {
        bloom = filter;
    }

    private void add(
            ByteBuffer page,
            long full,
            int values,
            int rowCount,
            Statistics<?> statistics,
            Encoding encoding,
            boolean secondVersion) {
        segments.add(page);
        size += page.remaining();
        uncompressed += full;
        rows += rowCount;
        offsets.add(page.remaining(), rowCount);
        boolean known =
                statistics.isNumNullsSet() && (statistics.hasNonNullValue() || statistics.getNumNulls() == values);
        if (known) {
            index.add(statistics);
        } else {
            index = ColumnIndexBuilder.getNoOpBuilder();
        }
        encodingStats.addDataEncoding(encoding);
        encodings.add(encoding);
        if (secondVersion) {
            encodingStats.withV2Pages();
        }
        dictionaryUsed |= encoding.usesDictionary();
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /**
     * Writes the chunk as the next one of the row group.
     *
     * @param statistics of the whole chunk: exact, or no bounds at all
     */
    void writeTo(ParquetFileWriter writer, Statistics<?> statistics) throws IOException {
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
    }
}
