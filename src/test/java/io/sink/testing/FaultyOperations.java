package io.sink.testing;

import io.sink.table.DelegatingOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;

/** A table whose catalog calls and files fail by schedule. */
public final class FaultyOperations extends DelegatingOperations {
    private final TableOperations ops;
    private final Faults catalog;

    public FaultyOperations(TableOperations ops, Faults catalog, Faults files) {
        super(ops, new FaultyFileIO(ops.io(), files));
        this.ops = ops;
        this.catalog = catalog;
    }

    @Override
    public TableMetadata refresh() {
        return catalog.call("refresh", ops::refresh);
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        catalog.run("commit", () -> ops.commit(base, metadata));
    }
}
