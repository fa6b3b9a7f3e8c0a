package io.sink.pages;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** Joins decoded pages into pages of the usual size, each of which is then compressed once. */
final class PageJoin {
    private final ColumnDescriptor column;
    private final ChunkBuilder chunk;
    private final Buffers buffers;
    private final ParquetProperties properties;
    private final Encoding dictionaryPages;
    private int[] repetition = new int[64];
    private int[] definition = new int[64];
    private boolean anyNull;
    private int[] ids = new int[64];
    private boolean dictionary;
    private final Gathered plain = new Gathered();
    private int entries;
    private int rows;
    private int present;
    private @Nullable Statistics<?> statistics;

    /** A byte stream whose bytes can be copied without another array. */
    private static final class Gathered extends ByteArrayOutputStream {
        void copyTo(byte[] to, int at) {
            System.arraycopy(buf, 0, to, at, count);
        }
    }

    /** @param dictionaryPages the encoding that headers of pages with dictionary ids name */
    PageJoin(
            ColumnDescriptor column,
            ChunkBuilder chunk,
            ParquetProperties properties,
            Encoding dictionaryPages,
            Buffers buffers) {
        this.column = column;
        this.chunk = chunk;
        this.buffers = buffers;
        this.properties = properties;
        this.dictionaryPages = dictionaryPages;
    }

    /**
     * Adds a page.
     *
     * @param map the output's id for each id of the page; null for plain values
     * @param of statistics with the number of nulls in the page; bounds may be wider than its values
     */
    void add(DecodedPage page, int @Nullable [] map, Statistics<?> of) {
        if (page.entries() == 0) {
            return;
        }
        if (entries > 0
                && (dictionary != (map != null)
                        || rows + page.rows() > properties.getPageRowCountLimit()
                        || bytes() + bytes(page) > properties.getPageSizeThreshold())) {
            flush();
        }
        dictionary = map != null;
        levels(page);
        int[] from = page.ids();
        if (map != null && from != null) {
            int count = page.present();
            int[] to = grown(ids, present + count);
            for (int i = 0; i < count; i++) {
                to[present + i] = map[from[i]];
            }
            ids = to;
        } else {
            plain.write(page.plain(), page.from(), page.until() - page.from());
        }
        entries += page.entries();
        rows += page.rows();
        present += page.present();
        if (statistics == null) {
            statistics = of.copy();
        } else {
            statistics.mergeStatistics(of);
        }
    }

    private void levels(DecodedPage page) {
        if (page.repetition() != null) {
            repetition = grown(repetition, entries + page.entries());
            System.arraycopy(page.repetition(), 0, repetition, entries, page.entries());
        }
        if (column.getMaxDefinitionLevel() == 0 || (page.definition() == null && !anyNull)) {
            return;
        }
        definition = grown(definition, entries + page.entries());
        if (!anyNull) {
            Arrays.fill(definition, 0, entries, column.getMaxDefinitionLevel());
            anyNull = true;
        }
        if (page.definition() == null) {
            Arrays.fill(definition, entries, entries + page.entries(), column.getMaxDefinitionLevel());
        } else {
            System.arraycopy(page.definition(), 0, definition, entries, page.entries());
        }
    }

    private static int[] grown(int[] array, int needed) {
        // Ids are packed in groups of eight, which may reach beyond the last.
        return needed + 8 <= array.length ? array : Arrays.copyOf(array, Math.max(array.length * 2, needed + 8));
    }

    private long bytes() {
        return dictionary ? present * 2L : plain.size();
    }

    private static long bytes(DecodedPage page) {
        return page.ids() != null ? page.present() * 2L : page.until() - page.from();
    }

    /** Adds the joined entries to the chunk as one page. */
    void flush() {
        if (entries == 0 || statistics == null) {
            return;
        }
        Gathered body = new Gathered();
        if (column.getMaxRepetitionLevel() > 0) {
            ByteArrayOutputStream levels = new ByteArrayOutputStream();
            HybridInts.encode(repetition, entries, HybridInts.width(column.getMaxRepetitionLevel()), levels);
            prefixed(levels, body);
        }
        if (column.getMaxDefinitionLevel() > 0) {
            ByteArrayOutputStream levels = new ByteArrayOutputStream();
            int width = HybridInts.width(column.getMaxDefinitionLevel());
            if (anyNull) {
                HybridInts.encode(definition, entries, width, levels);
            } else {
                HybridInts.writeRun(column.getMaxDefinitionLevel(), entries, width, levels);
            }
            prefixed(levels, body);
        }
        if (dictionary) {
            int max = 0;
            for (int i = 0; i < present; i++) {
                max = Math.max(max, ids[i]);
            }
            int width = HybridInts.width(max);
            body.write(width);
            HybridInts.encode(ids, present, width, body);
        }
        int length = body.size() + (dictionary ? 0 : plain.size());
        byte[] page = buffers.take(length);
        body.copyTo(page, 0);
        if (!dictionary) {
            plain.copyTo(page, body.size());
        }
        Encoding encoding = dictionary ? dictionaryPages : Encoding.PLAIN;
        chunk.page(page, length, new PageInfo(entries, rows, statistics, encoding, false));
        entries = 0;
        rows = 0;
        present = 0;
        anyNull = false;
        plain.reset();
        statistics = null;
    }

    private static void prefixed(ByteArrayOutputStream levels, ByteArrayOutputStream to) {
        int length = levels.size();
        for (int i = 0; i < 4; i++) {
            to.write(length >>> (8 * i));
        }
        to.writeBytes(levels.toByteArray());
    }
}
