package io.sink.pages;

import org.apache.parquet.column.ColumnDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Where a file stores a leaf column of the output.
 *
 * @param column the file's column
 * @param levels the output's definition level for each of the file's; null if they are the same
 * @param conversion how each value is converted
 */
record StoredLeaf(ColumnDescriptor column, int @Nullable [] levels, Conversion conversion) {
    /** In place of a level: a value is missing that the table requires. */
    static final int FORBIDDEN = -1;

    /**
     * The output's definition level for one of the file's.
     *
     * @throws IllegalArgumentException if the output has no such level
     */
    int level(int stored) {
        int level = levels == null ? stored : levels[stored];
        if (level == FORBIDDEN) {
            throw new IllegalArgumentException("a null in a column that the table requires");
        }
        return level;
    }
}
