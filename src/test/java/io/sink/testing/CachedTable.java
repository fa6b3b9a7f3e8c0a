package io.sink.testing;

import io.sink.table.DelegatingOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;

/** A table of a catalog behind a cache: what was committed is there, and is soon not seen any more. */
public final class CachedTable extends DelegatingOperations {
    private final TableOperations ops;
    private int trueReads;
    private @Nullable TableMetadata before;

    /** @param trueReads after the commit, before the cache answers */
    public CachedTable(TableOperations ops, int trueReads) {
        super(ops, ops.io());
        this.ops = ops;
        this.trueReads = trueReads;
    }

    @Override
    public TableMetadata current() {
        return seen(ops.current());
    }

    @Override
    public TableMetadata refresh() {
        return seen(ops.refresh());
    }

    private TableMetadata seen(TableMetadata now) {
        if (before == null) {
            return now;
        }
        trueReads--;
        return trueReads >= 0 ? now : before;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        ops.commit(base, metadata);
        before = base;
    }
}
