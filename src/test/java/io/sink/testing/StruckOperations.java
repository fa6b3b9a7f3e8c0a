package io.sink.testing;

import io.sink.table.DelegatingOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;

/** A table that somebody else changes once, right before the refresh of this number. */
public final class StruckOperations extends DelegatingOperations {
    private final TableOperations ops;
    private final Runnable other;
    private int refreshes;

    /** @param before which refresh is struck, from 1 on */
    public StruckOperations(TableOperations ops, int before, Runnable other) {
        super(ops, ops.io());
        this.ops = ops;
        this.refreshes = before;
        this.other = other;
    }

    @Override
    public TableMetadata refresh() {
        refreshes--;
        if (refreshes == 0) {
            other.run();
        }
        return ops.refresh();
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        ops.commit(base, metadata);
    }
}
