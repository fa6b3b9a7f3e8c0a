package io.sink.pages;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.jspecify.annotations.Nullable;

/**
 * Looks at each column chunk of the output after it is made and before it is written, while its sources can be read.
 */
@FunctionalInterface
public interface ChunkCheck {
    /** A check that accepts everything. */
    ChunkCheck NONE = (leaf, chunk) -> {};

    /**
     * A chunk that will be written.
     *
     * @param bytes its bytes, in pieces that follow one another; not to be changed, nor read after the check
     * @param metadata what the footer will say of it, but for positions, which are those of a file that begins with it
     * @param rows its number of rows
     * @param index its column index; null if it will have none
     * @param bloom its Bloom filter; null if it will have none
     */
    record NewChunk(
            List<ByteBuffer> bytes,
            ColumnChunkMetaData metadata,
            long rows,
            @Nullable ColumnIndex index,
            @Nullable BloomFilter bloom) {}

    /**
     * Checks a chunk; called by several threads, for each column by one after the other, in the order of row groups.
     *
     * @param leaf the number of the column in the schema
     * @throws RuntimeException if the chunk may not be written
     */
    void check(int leaf, NewChunk chunk);
}
