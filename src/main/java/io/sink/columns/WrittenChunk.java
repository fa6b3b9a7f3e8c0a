package io.sink.columns;

import io.sink.columns.ChunkWalk.Page;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/**
 * A column chunk whose entries were compared before it was written, and what its file must say of it.
 *
 * @param claims what its writer says of it, the positions from any start on
 * @param length its number of bytes
 * @param checksum the CRC-32C of its bytes
 * @param rows its number of rows
 * @param pages where its data pages begin, counted from its first byte, and behind them where the last one ends
 * @param firstRows the number of the first row of each data page; -1 for one that begins within a row
 * @param index its column index; null if it has none
 * @param bloom its Bloom filter; null if it has none
 * @param found the bounds of its values, without NaN; null if pages were copied, and not decoded
 * @param nans how many of its values are NaN; -1 if that is not known
 */
public record WrittenChunk(
        ColumnChunkMetaData claims,
        int length,
        int checksum,
        long rows,
        int[] pages,
        long[] firstRows,
        @Nullable ColumnIndex index,
        @Nullable BloomFilter bloom,
        @Nullable Statistics<?> found,
        long nans) {
    /**
     * A chunk whose entries were all found.
     *
     * @param looked what was found, and compared with what is claimed
     */
    static WrittenChunk of(
            ChunkWalk walk, long rows, @Nullable ColumnIndex index, @Nullable BloomFilter bloom, Claims looked) {
        List<Page> all = walk.pages();
        int[] pages = new int[all.size() + 1];
        for (int i = 0; i < all.size(); i++) {
            pages[i] = all.get(i).start();
            pages[i + 1] = all.get(i).end();
        }
        Pieces bytes = walk.bytes();
        return new WrittenChunk(
                walk.chunk(),
                bytes.length(),
                bytes.checksum(),
                rows,
                pages,
                looked.firstRows(),
                index,
                bloom,
                looked.found(),
                looked.nans());
    }

    /** Reads a part of a file. */
    @FunctionalInterface
    public interface Part {
        /** Reads so many bytes from a position on. */
        ByteBuffer read(long offset, int count);
    }

    /**
     * Compares the chunk with what its file says of it.
     *
     * @param stored the chunk by the footer of the file
     * @param where names the column and the file
     * @param file reads from the file
     * @throws DifferentEntriesException if it says something else
     */
    public void require(ColumnChunkMetaData stored, String where, Part file) {
        long start = stored.getStartingPos();
        require(where, "path", claims.getPath(), stored.getPath());
        require(where, "codec", claims.getCodec(), stored.getCodec());
        require(where, "number of entries", claims.getValueCount(), stored.getValueCount());
        require(where, "number of bytes", (long) length, stored.getTotalSize());
        require(
                where,
                "first data page",
                claims.getFirstDataPageOffset() - claims.getStartingPos(),
                stored.getFirstDataPageOffset() - start);
        require(where, "dictionary", claims.getDictionaryPageOffset() > 0, stored.getDictionaryPageOffset() > 0);
        require(where, "set of encodings", claims.getEncodings(), stored.getEncodings());
        EncodingStats stats = stored.getEncodingStats();
        if (stats != null) {
            require(
                    where,
                    "set of page encodings",
                    new HashSet<>(claims.getEncodingStats().getDataEncodings()),
                    new HashSet<>(stats.getDataEncodings()));
        }
        requireStatistics(stored, where);
        IndexReference offsets = stored.getOffsetIndexReference();
        if (offsets != null) {
            requireOffsets(file.read(offsets.getOffset(), offsets.getLength()), start, where);
        }
        IndexReference bounds = stored.getColumnIndexReference();
        if (bounds != null) {
            requireBounds(file.read(bounds.getOffset(), bounds.getLength()), where);
        }
        if (stored.getBloomFilterOffset() > 0) {
            requireBloom(stored, where, file);
        }
    }

    /**
     * The widest bounds that are known of the values: those that its footer says, and those that were found; null if
     * neither is known. Values that are NaN are left out.
     */
    public @Nullable Statistics<?> bounds() {
        Statistics<?> said = claims.getStatistics();
        return found != null ? found : said != null && Claims.bounded(said) ? said : null;
    }

    private void requireBounds(ByteBuffer bytes, String where) {
        org.apache.parquet.format.ColumnIndex said;
        try {
            said = Util.readColumnIndex(stream(bytes));
        } catch (IOException e) {
            throw new DifferentEntriesException("the column index of " + where + " cannot be read");
        }
        boolean same = index != null
                && said.getNull_pages().equals(index.getNullPages())
                && said.getBoundary_order()
                        .name()
                        .equals(index.getBoundaryOrder().name())
                && said.getMin_values().equals(index.getMinValues())
                && said.getMax_values().equals(index.getMaxValues())
                && Objects.equals(said.getNull_counts(), index.getNullCounts());
        if (!same) {
            throw new DifferentEntriesException("the column index of " + where + " is not that of its pages");
        }
    }

    private void requireBloom(ColumnChunkMetaData stored, String where, Part file) {
        boolean same = false;
        if (bloom != null) {
            ByteArrayOutputStream bits = new ByteArrayOutputStream(bloom.getBitsetSize());
            try {
                bloom.writeTo(bits);
                byte[] expected = bits.toByteArray();
                // The header comes first, and says how long it is only when it is read.
                ByteBuffer read = file.read(
                        stored.getBloomFilterOffset(), Math.max(stored.getBloomFilterLength(), expected.length));
                same = Arrays.equals(
                        expected, 0, expected.length, read.array(), read.limit() - expected.length, read.limit());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (!same) {
            throw new DifferentEntriesException("the Bloom filter of " + where + " is not the one that was compared");
        }
    }

    private static ByteArrayInputStream stream(ByteBuffer bytes) {
        return new ByteArrayInputStream(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    private static void require(String where, String what, Object proved, Object stored) {
        if (!proved.equals(stored)) {
            throw new DifferentEntriesException(
                    "the footer says another " + what + " of " + where + ": " + stored + ", not " + proved);
        }
    }

    /** A footer may say less than what was found to be true. */
    private void requireStatistics(ColumnChunkMetaData chunk, String where) {
        Statistics<?> proved = claims.getStatistics();
        Statistics<?> stored = chunk.getStatistics();
        if (stored == null || stored.isEmpty()) {
            return;
        }
        boolean nulls = !stored.isNumNullsSet()
                || proved != null && proved.isNumNullsSet() && proved.getNumNulls() == stored.getNumNulls();
        boolean bounds = !Claims.bounded(stored)
                || proved != null
                        && proved.hasNonNullValue()
                        && same(proved.genericGetMin(), stored.genericGetMin())
                        && same(proved.genericGetMax(), stored.genericGetMax());
        if (!nulls || !bounds) {
            throw new DifferentEntriesException(
                    "the footer has other statistics of " + where + ": " + stored + ", not " + proved);
        }
    }

    /** Whether two bounds are the same: Parquet's reader makes a zero of a bound negative or positive. */
    private static boolean same(Object proved, Object stored) {
        return Claims.isZero(proved) ? Claims.isZero(stored) : proved.equals(stored);
    }

    private void requireOffsets(ByteBuffer bytes, long start, String where) {
        List<PageLocation> said;
        try {
            OffsetIndex index = Util.readOffsetIndex(stream(bytes));
            said = index.getPage_locations();
        } catch (IOException e) {
            throw new DifferentEntriesException("the offset index of " + where + " cannot be read");
        }
        boolean same = said.size() == pages.length - 1;
        for (int i = 0; same && i < said.size(); i++) {
            PageLocation page = said.get(i);
            same = page.getOffset() == start + pages[i]
                    && page.getCompressed_page_size() == pages[i + 1] - pages[i]
                    && (firstRows[i] < 0 || page.getFirst_row_index() == firstRows[i]);
        }
        if (!same) {
            throw new DifferentEntriesException("the offset index of " + where + " is not of its pages");
        }
    }
}
