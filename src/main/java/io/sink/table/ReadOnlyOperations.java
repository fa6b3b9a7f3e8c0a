package io.sink.table;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;

/**
 * A table that can be read and refreshed, and refuses every commit; used by dry runs.
 *
 * @ref LLP 0007#refused-writes
 */
public final class ReadOnlyOperations extends DelegatingOperations {

    /** @param ops the operations to read with */
    public ReadOnlyOperations(TableOperations ops) {
        super(ops, ReadOnlyFileIO.of(ops.io()));
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        throw new ReadOnlyException("commit to the table");
    }

    @Override
    public TableOperations temp(TableMetadata uncommittedMetadata) {
        return new ReadOnlyOperations(super.temp(uncommittedMetadata));
    }
}
