package io.sink.rewrite;

import io.sink.pages.Share;
import io.sink.rows.LeafNulls;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;

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
 * @param compared whether every entry written was compared with the one that was read
 */
public record RewriteResult(
        List<DataFile> outputs,
        long rowsRead,
        long rowsDropped,
        Map<Integer, Long> nulls,
        Map<Share, Long> shares,
        boolean compared)
        implements Serializable {
    public RewriteResult {
        outputs = List.copyOf(outputs);
        nulls = Map.copyOf(nulls);
        shares = Map.copyOf(shares);
    }

    /** The result of a rewrite by records. */
    public RewriteResult(List<DataFile> outputs, long rowsRead, long rowsDropped, Map<Integer, Long> nulls) {
        this(outputs, rowsRead, rowsDropped, nulls, Map.of(), false);
    }

    /** The same result, of which every entry was compared. */
    RewriteResult withCompared() {
        return new RewriteResult(outputs, rowsRead, rowsDropped, nulls, shares, true);
    }

    /** The number of rows that the outputs must hold. */
    long rowsLive() {
        return rowsRead - rowsDropped;
    }
}
