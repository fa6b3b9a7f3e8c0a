package io.sink.verify;

import java.util.function.BooleanSupplier;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/** Reads the rows of a snapshot. */
@FunctionalInterface
public interface RowSums {

    /**
     * Counts and sums the rows.
     *
     * @param stop once it is true, reading ends
     * @throws UnsupportedOperationException if the snapshot has something that cannot be read, which the message names
     * @throws RuntimeException if a row cannot be read
     */
    Sum of(Table table, Snapshot snapshot, BooleanSupplier stop);

    /**
     * The rows of a snapshot.
     *
     * @param read rows of the data files, deleted ones included
     * @param live rows that a reader sees
     * @param fingerprint of the live rows, in any order
     */
    record Sum(long read, long live, String fingerprint) {}
}
