package io.sink.pages;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriteStore;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.statistics.geospatial.GeospatialStatistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.column.values.bloomfilter.BloomFilterWriteStore;
import org.apache.parquet.column.values.bloomfilter.BloomFilterWriter;
import org.jspecify.annotations.Nullable;

/** Takes the pages of one column from Parquet's own column writer. */
final class ChunkWriter implements PageWriteStore, PageWriter, BloomFilterWriteStore, BloomFilterWriter {
    private final ChunkBuilder chunk;
    private final Statistics<?> none;
    private final int full;
    private @Nullable Statistics<?> total;
    private boolean unknown;
    private long bytes;

    ChunkWriter(ColumnDescriptor column, ChunkBuilder chunk) {
        this.chunk = chunk;
        this.full = column.getMaxDefinitionLevel();
        this.none = Statistics.getBuilderForReading(column.getPrimitiveType()).build();
    }

    /** Statistics of the whole chunk; empty if a page has none. */
    Statistics<?> statistics() {
        return total == null || unknown ? none : total;
    }

    private void merge(@Nullable Statistics<?> page) {
        if (page == null || page.isEmpty()) {
            unknown = true;
        } else if (total == null) {
            total = page.copy();
        } else {
            total.mergeStatistics(page);
        }
    }

    private static byte[] bytesOf(BytesInput input) {
        try {
            return input.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public PageWriter getPageWriter(ColumnDescriptor path) {
        return this;
    }

    @Override
    public BloomFilterWriter getBloomFilterWriter(ColumnDescriptor path) {
        return this;
    }

    @Override
    public void writeBloomFilter(BloomFilter bloomFilter) {
        chunk.bloom(bloomFilter);
    }

    @Override
    @Deprecated
    public void writePage(
            BytesInput body, int values, Statistics<?> statistics, Encoding rl, Encoding dl, Encoding encoding) {
        throw new UnsupportedOperationException("a page without its number of rows");
    }

    @Override
    public void writePage(
            BytesInput body,
            int values,
            int rows,
            Statistics<?> statistics,
            Encoding rl,
            Encoding dl,
            Encoding encoding) {
        bytes += body.size();
        merge(statistics);
        byte[] plain = bytesOf(body);
        chunk.page(
                plain,
                plain.length,
                new PageInfo(values, rows, statistics == null ? none : statistics, encoding, false));
    }

    @Override
    public void writePage(
            BytesInput body,
            int values,
            int rows,
            Statistics<?> statistics,
            @Nullable SizeStatistics sizes,
            @Nullable GeospatialStatistics places,
            Encoding rl,
            Encoding dl,
            Encoding encoding) {
        writePage(body, values, rows, statistics, rl, dl, encoding);
    }

    @Override
    public void writePageV2(
            int rows,
            int nulls,
            int values,
            BytesInput repetition,
            BytesInput definition,
            Encoding encoding,
            BytesInput data,
            Statistics<?> statistics) {
        bytes += data.size();
        merge(statistics);
        PageInfo info = new PageInfo(values, rows, statistics == null ? none : statistics, encoding, true);
        chunk.pageV2(info, nulls < 0 ? nulls(definition, values) : nulls, repetition, definition, data);
    }

    /** Counts the nulls of a page of the second version: Parquet's writer does not where statistics are off. */
    private int nulls(BytesInput definition, int values) {
        if (full == 0) {
            return 0;
        }
        byte[] encoded = bytesOf(definition);
        int[] levels = new int[HybridInts.room(values)];
        HybridInts.decode(encoded, 0, encoded.length, HybridInts.width(full), levels, values);
        int nulls = 0;
        for (int i = 0; i < values; i++) {
            nulls += levels[i] < full ? 1 : 0;
        }
        return nulls;
    }

    @Override
    public void writePageV2(
            int rows,
            int nulls,
            int values,
            BytesInput repetition,
            BytesInput definition,
            Encoding encoding,
            BytesInput data,
            Statistics<?> statistics,
            @Nullable SizeStatistics sizes,
            @Nullable GeospatialStatistics places) {
        writePageV2(rows, nulls, values, repetition, definition, encoding, data, statistics);
    }

    @Override
    public void writeDictionaryPage(DictionaryPage page) {
        chunk.dictionary(bytesOf(page.getBytes()), page.getDictionarySize(), page.getEncoding());
    }

    @Override
    public long getMemSize() {
        return bytes;
    }

    @Override
    public long allocatedSize() {
        return bytes;
    }

    @Override
    public String memUsageString(String prefix) {
        return prefix + bytes + " bytes";
    }

    @Override
    public void close() {}
}
