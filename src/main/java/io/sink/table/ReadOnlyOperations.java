package io.sink.table;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/**
 * A table that can be read and refreshed, and refuses every commit: what a dry run holds.
 *
 * @ref LLP 0007#refused-writes
 */
public final class ReadOnlyOperations implements TableOperations {
    private final TableOperations ops;
    private final FileIO io;

    public ReadOnlyOperations(TableOperations ops) {
        this.ops = ops;
        this.io = ReadOnlyFileIO.of(ops.io());
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
    public void commit(TableMetadata base, TableMetadata metadata) {
        throw new ReadOnlyException("commit to the table");
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
        return new ReadOnlyOperations(ops.temp(uncommittedMetadata));
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
