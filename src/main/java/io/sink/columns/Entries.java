package io.sink.columns;

import io.sink.columns.ChunkWalk.Page;
import io.sink.columns.LeafComparison.Source;
import io.sink.pages.Codecs;
import java.nio.ByteBuffer;
import org.apache.parquet.column.ColumnDescriptor;
import org.jspecify.annotations.Nullable;

/** The entries of a leaf column, block by block. */
interface Entries {
    /** Opens a source of an output's column. */
    static Entries of(Source source, ColumnDescriptor output, Codecs codecs) {
        return source instanceof Source.Made made
                ? new MadeEntries(made.fill(), output, made.rows())
                : of((((Source.Stored) source).column()), output, codecs);
    }

    /** Opens a chunk of an output's column. */
    static Entries of(StoredColumn stored, ColumnDescriptor output, Codecs codecs) {
        return of(stored, ChunkWalk.of(stored, codecs), output);
    }

    /** Opens a chunk of an output's column, of which the pages were found. */
    static Entries of(StoredColumn stored, ChunkWalk walk, ColumnDescriptor output) {
        return PageEntries.can(stored, walk) ? new PageEntries(stored, walk) : new ReadEntries(stored, output, walk);
    }

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
     * @param stored the column that it is of
     * @param number the number of the page in its chunk
     * @param bytes its header and body
     * @param dictionary what its ids refer to; null if it has none
     */
    record RawPage(
            StoredColumn stored,
            int number,
            ByteBuffer bytes,
            Page page,
            @Nullable Dictionary dictionary) {}
}
