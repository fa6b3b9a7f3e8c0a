package io.sink.rewrite;

import io.sink.rows.RowFiles;
import java.util.Comparator;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.SortOrderComparators;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Comparators;
import org.jspecify.annotations.Nullable;

/**
 * The order in which a group's rows are written: by partition if they are partitioned anew, then by the table's sort
 * order. Not safe for use by several threads.
 */
final class RowOrder {
    private final InternalRecordWrapper left;
    private final InternalRecordWrapper right;
    private final @Nullable PartitionKey key;
    private final @Nullable Comparator<StructLike> partitions;
    private final @Nullable Comparator<StructLike> sorting;

    /** A row and its partition; the partition is null if the whole group has only one. */
    record Placed(Record row, @Nullable StructLike partition) {}

    /** @param rows the schema of the rows that will be ordered */
    RowOrder(Table table, FileGroup group, Schema rows) {
        this.left = new InternalRecordWrapper(rows.asStruct());
        this.right = new InternalRecordWrapper(rows.asStruct());
        PartitionSpec spec = RowFiles.spec(table, group.specId());
        boolean scattered = group.repartition() && spec.isPartitioned();
        this.key = scattered ? new PartitionKey(spec, rows) : null;
        this.partitions = scattered ? Comparators.forType(spec.partitionType()) : null;
        SortOrder order = table.sortOrder();
        this.sorting = order.isSorted() ? SortOrderComparators.forSchema(rows, order) : null;
    }

    /** Whether rows may be written in the order in which they are read. */
    boolean any() {
        return partitions == null && sorting == null;
    }

    /** The row with its partition, computed from its values if rows are partitioned anew. */
    Placed place(Record row) {
        if (key == null) {
            return new Placed(row, null);
        }
        key.partition(left.wrap(row));
        return new Placed(row, key.copy());
    }

    int compare(Placed one, Placed other) {
        int byPartition = partitions == null ? 0 : partitions.compare(one.partition(), other.partition());
        return byPartition != 0 || sorting == null
                ? byPartition
                : sorting.compare(left.wrap(one.row()), right.wrap(other.row()));
    }
}
