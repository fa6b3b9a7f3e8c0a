package io.sink.catalog;

import io.sink.table.DelegatingOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;

/** A table behind a {@link Gate}. Files that a commit itself creates and deletes belong to its request, and pass. */
final class GatedOperations extends DelegatingOperations {
    private final TableOperations ops;
    private final Gate gate;

    GatedOperations(TableOperations ops, Gate gate) {
        super(ops, GatedFiles.of(ops.io(), gate));
        this.ops = ops;
        this.gate = gate;
    }

    @Override
    public TableMetadata refresh() {
        gate.check();
        TableMetadata now = super.refresh();
        gate.refreshed();
        return now;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        gate.commit(() -> ops.commit(base, metadata));
    }

    @Override
    public TableOperations temp(TableMetadata uncommittedMetadata) {
        return new GatedOperations(ops.temp(uncommittedMetadata), gate);
    }
}
