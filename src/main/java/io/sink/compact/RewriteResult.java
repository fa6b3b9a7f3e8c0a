package io.sink.compact;

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
 * @param nulls nulls of the rows that remained, by the field id of each Parquet leaf column, counted as Parquet counts them
 *     ({@link LeafNulls})
 */
record RewriteResult(List<DataFile> outputs, long rowsRead, long rowsDropped, Map<Integer, Long> nulls) {
    RewriteResult {
        outputs = List.copyOf(outputs);
        nulls = Map.copyOf(nulls);
    }

    /** Rows that the outputs must hold. */
    long rowsLive() {
        return rowsRead - rowsDropped;
    }
}
