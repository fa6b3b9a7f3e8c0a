package io.sink.inspect;

import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/** Counts the delete files of a snapshot that drop no row any more. */
@FunctionalInterface
public interface Dangling {
    long count(Table table, Snapshot snapshot);
}
