package io.sink.columns;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a row group, some of them deleted.
 *
 * @param first the position of the first row in the file, from 0
 * @param count the number of rows
 * @param dropped positions of deleted rows in the file; null if there are none
 */
public record RowRange(long first, int count, @Nullable BitSet dropped) {
    boolean keeps(int row) {
        return dropped == null || !dropped.get(Math.toIntExact(first + row));
    }

    /** The number of rows that are kept. */
    public int kept() {
        if (dropped == null) {
            return count;
        }
        int from = Math.toIntExact(first);
        return count - dropped.get(from, from + count).cardinality();
    }

    /** Whether all of these rows of the row group are kept. */
    boolean keepsAll(int from, int until) {
        if (dropped == null) {
            return true;
        }
        int next = dropped.nextSetBit(Math.toIntExact(first + from));
        return next < 0 || next >= first + until;
    }
}
