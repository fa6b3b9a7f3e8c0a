package io.sink.rewrite;

import io.sink.pages.Share;
import io.sink.rows.LeafNulls;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;

/**
 * What a rewriter made of a group, and what it saw on the way, for {@link RowProof} to hold against the files.
 *
 * @param outputs the files written, with metrics, partition, split offsets and, if sorted, sort order; none where every
 *     row was deleted
 * @param rowsRead rows in the inputs, deleted ones included
 * @param rowsDropped rows of the inputs that deletes dropped
 * @param nulls nulls of the rows that remained, by the field id of each Parquet leaf column, counted as Parquet counts
 *     them ({@link LeafNulls})
 * @param shares compressed bytes of the inputs' columns by what was done with them; empty where rows were read as
 *     records
 */
public record RewriteResult(
        List<DataFile> outputs, long rowsRead, long rowsDropped, Map<Integer, Long> nulls, Map<Share, Long> shares)
        implements Serializable {
    public RewriteResult {
        outputs = List.copyOf(outputs);
        nulls = Map.copyOf(nulls);
        shares = Map.copyOf(shares);
    }

    /** The result of a rewrite by records. */
    public RewriteResult(List<DataFile> outputs, long rowsRead, long rowsDropped, Map<Integer, Long> nulls) {
        this(outputs, rowsRead, rowsDropped, nulls, Map.of());
    }

    /** Rows that the outputs must hold. */
    long rowsLive() {
        return rowsRead - rowsDropped;
    }
}
