package io.sink.pages;

import org.apache.parquet.column.ColumnDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Where a file stores a leaf column of the output.
 *
 * @param column the file's column
 * @param levels the output's definition level for each of the file's; null where they are the same
 * @param conversion what happens to each value
 */
record StoredLeaf(ColumnDescriptor column, int @Nullable [] levels, Conversion conversion) {
    /** The output's definition level. */
    int level(int stored) {
        return levels == null ? stored : levels[stored];
    }
}
