package io.sink.pages;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Statistics and row counts of each page of a chunk, from footer, headers and indexes, without decompressing a page.
 *
 * @param pages for each page, its number of nulls, and bounds that may be truncated
 * @param rows number of rows that begin in each page
 * @param chunk for the whole chunk, its number of nulls, and bounds that are exact or missing
 */
record PageStatistics(List<Statistics<?>> pages, int[] rows, Statistics<?> chunk) {
    /**
     * Gathers the statistics.
     *
     * @param type the column's type in the output, which decides the order of values
     * @param maxRepetition the column's maximum repetition level
     * @param rowCount number of rows in the row group
     * @throws NotByPageException if the file has too few statistics
     * @throws BrokenPageException if the pages have another number of rows
     */
    static PageStatistics of(SourceFile file, ChunkPages pages, PrimitiveType type, int maxRepetition, int rowCount)
            throws NotByPageException {
        ColumnChunkMetaData chunk = pages.chunk();
        Statistics<?> said = exact(file, chunk, type, maxRepetition);
        int[] rows = rows(file, pages, maxRepetition, rowCount);
        List<Statistics<?>> each = each(file, pages, said, type);
        long nulls = each.stream().mapToLong(Statistics::getNumNulls).sum();
        if (said != null && said.getNumNulls() != nulls) {
            throw new NotByPageException("nulls of the pages and of the chunk differ");
        }
        return new PageStatistics(each, rows, said != null ? said : statistics(type, nulls, null, null));
    }

    /** The chunk's statistics if they are exact to the last byte; null if the footer has none. */
    private static @Nullable Statistics<?> exact(
            SourceFile file, ColumnChunkMetaData chunk, PrimitiveType type, int maxRepetition)
            throws NotByPageException {
        Statistics<?> said = chunk.getStatistics();
        boolean bytes = switch (type.getPrimitiveTypeName()) {
            case BINARY, FIXED_LEN_BYTE_ARRAY, FLOAT, DOUBLE -> true;
            default -> false;
        };
        if ((bytes || maxRepetition > 0) && !file.exactStatistics()) {
            throw new NotByPageException("statistics that may be cut or leave NaN out");
        }
        if (said == null || said.isEmpty()) {
            if (type.getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
                throw new NotByPageException("no statistics");
            }
            // The values are too long for a footer.
            return null;
        }
        if (!said.isNumNullsSet()) {
            throw new NotByPageException("no count of nulls");
        }
        boolean allNull = said.getNumNulls() == chunk.getValueCount();
        if (!said.hasNonNullValue() && !allNull) {
            throw new NotByPageException("no minimum and maximum");
        }
        return allNull
                ? statistics(type, said.getNumNulls(), null, null)
                : statistics(type, said.getNumNulls(), said.getMinBytes(), said.getMaxBytes());
    }

    private static List<Statistics<?>> each(
            SourceFile file, ChunkPages pages, @Nullable Statistics<?> chunk, PrimitiveType type)
            throws NotByPageException {
        int count = pages.pages().size();
        if (count == 1 && chunk != null) {
            return List.of(chunk);
        }
        ColumnIndex index = file.columnIndex(pages.chunk());
        if (index != null && index.getNullPages().size() == count && index.getNullCounts() != null) {
            List<Statistics<?>> each = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                boolean none = index.getNullPages().get(i);
                long nulls = index.getNullCounts().get(i);
                if (none != (nulls == pages.pages().get(i).values())) {
                    throw new NotByPageException("a column index that contradicts its pages");
                }
                each.add(
                        none
                                ? statistics(type, nulls, null, null)
                                : statistics(
                                        type,
                                        nulls,
                                        bytes(index.getMinValues().get(i)),
                                        bytes(index.getMaxValues().get(i))));
            }
            return each;
        }
        if (chunk == null || chunk.getNumNulls() > 0) {
            throw new NotByPageException("no column index");
        }
        // No page has nulls, and no value is outside the chunk's bounds.
        List<Statistics<?>> each = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            each.add(chunk);
        }
        return each;
    }

    private static int[] rows(SourceFile file, ChunkPages pages, int maxRepetition, int rowCount)
            throws NotByPageException {
        int count = pages.pages().size();
        int[] rows = new int[count];
        OffsetIndex index = maxRepetition == 0 ? null : file.offsetIndex(pages.chunk());
        long sum = 0;
        for (int i = 0; i < count; i++) {
            ChunkPages.Page page = pages.pages().get(i);
            if (maxRepetition == 0) {
                rows[i] = page.values();
            } else if (page.isV2()) {
                DataPageHeaderV2 said = page.header().getData_page_header_v2();
                rows[i] = said.getNum_rows();
            } else if (index != null && index.getPageCount() == count) {
                rows[i] = (int) (index.getLastRowIndex(i, rowCount) - index.getFirstRowIndex(i) + 1);
            } else {
                throw new NotByPageException("no row counts of pages");
            }
            if (rows[i] < 0) {
                throw new NotByPageException("a page of " + rows[i] + " rows");
            }
            sum += rows[i];
        }
        if (sum != rowCount) {
            throw pages.broken(sum + " rows in pages, and " + rowCount + " in the row group");
        }
        return rows;
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return bytes;
    }

    /** Statistics with this number of nulls and these bounds; null bounds if there is no value or they are unknown. */
    static Statistics<?> statistics(PrimitiveType type, long nulls, byte @Nullable [] min, byte @Nullable [] max) {
        Statistics.Builder builder = Statistics.getBuilderForReading(type).withNumNulls(nulls);
        if (min != null && max != null) {
            builder.withMin(min).withMax(max);
        }
        return builder.build();
    }
}
