package io.sink.columns;

import io.sink.columns.ChunkWalk.Page;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/** The entries of a leaf column, block by block. */
interface Entries {
    /** The next block; null at the end. */
    @Nullable
    Block next();

    /** Whether there are no more; false if only {@link #next} can tell. */
    default boolean ended() {
        return false;
    }

    /** The next page, if its bytes alone say what its entries are and it is to be kept as a whole; else null. */
    default @Nullable RawPage raw() {
        return null;
    }

    /** Leaves the page out that {@link #raw} returned. */
    default void skipRaw() {
        throw new IllegalStateException("no page");
    }

    /**
     * A page as it is stored.
     *
     * @param chunk the chunk that it is of
     * @param bytes holds its header and body
     * @param dictionary what its ids refer to; null if it has none
     */
    record RawPage(
            ColumnChunkMetaData chunk,
            byte[] bytes,
            Page page,
            @Nullable Dictionary dictionary) {}
}
