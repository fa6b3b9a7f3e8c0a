package io.sink.table;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** Delegates to another table's operations, but with its own FileIO. Subclasses define what a commit does. */
public abstract class DelegatingOperations implements TableOperations {
    private final TableOperations ops;
    private final FileIO io;

    /** @param io replaces the FileIO of the operations */
    public DelegatingOperations(TableOperations ops, FileIO io) {
        this.ops = ops;
        this.io = io;
    }

    @Override
    public TableMetadata current() {
        return ops.current();
    }

    @Override
    public TableMetadata refresh() {
        return ops.refresh();
    }

    @Override
    public FileIO io() {
        return io;
    }

    @Override
    public EncryptionManager encryption() {
        return ops.encryption();
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return ops.metadataFileLocation(fileName);
    }

    @Override
    public LocationProvider locationProvider() {
        return ops.locationProvider();
    }

    @Override
    public TableOperations temp(TableMetadata uncommittedMetadata) {
        return ops.temp(uncommittedMetadata);
    }

    @Override
    public long newSnapshotId() {
        return ops.newSnapshotId();
    }

    @Override
    public boolean requireStrictCleanup() {
        return ops.requireStrictCleanup();
    }
}
