package io.sink.rewrite;

import io.sink.pages.Share;
import io.sink.rows.LeafNulls;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.jspecify.annotations.Nullable;

/**
 * The files that a rewriter wrote for a group, and what it counted, for {@link RowProof} to compare with the files.
 *
 * @param outputs the files written, with metrics, partition, split offsets and, if sorted, sort order; empty if every
 *     row was deleted
 * @param rowsRead number of rows in the inputs, deleted ones included
 * @param rowsDropped number of rows in the inputs that are deleted
 * @param nulls number of nulls in the rows that remained, by the field id of each Parquet leaf column, counted as
 *     Parquet counts them ({@link LeafNulls})
 * @param shares compressed bytes of the inputs' columns by what was done with them; empty if rows were read as records
 * @param stored as in {@link Proof}, if every entry was compared while it was written; else null
 */
public record RewriteResult(
        List<DataFile> outputs,
        long rowsRead,
        long rowsDropped,
        Map<Integer, Long> nulls,
        Map<Share, Long> shares,
        @Nullable Map<String, Integer> stored)
        implements Serializable {
    public RewriteResult {
        outputs = List.copyOf(outputs);
        nulls = Map.copyOf(nulls);
        shares = Map.copyOf(shares);
        stored = stored == null ? null : Map.copyOf(stored);
    }

    /** The result of a rewrite by records. */
    public RewriteResult(List<DataFile> outputs, long rowsRead, long rowsDropped, Map<Integer, Long> nulls) {
        this(outputs, rowsRead, rowsDropped, nulls, Map.of(), null);
    }

    /** The same result, of which every entry was compared. */
    RewriteResult compared(Map<String, Integer> inStorage) {
        return new RewriteResult(outputs, rowsRead, rowsDropped, nulls, shares, inStorage);
    }

    /** The number of rows that the outputs must hold. */
    long rowsLive() {
        return rowsRead - rowsDropped;
    }
}
