package io.sink.testing;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** A table whose catalog calls and files fail by schedule. */
public final class FaultyOperations implements TableOperations {
    private final TableOperations ops;
    private final Faults catalog;
    private final FileIO io;

    public FaultyOperations(TableOperations ops, Faults catalog, Faults files) {
        this.ops = ops;
        this.catalog = catalog;
        this.io = new FaultyFileIO(ops.io(), files);
    }

    @Override
    public TableMetadata current() {
        return ops.current();
    }

    @Override
    public TableMetadata refresh() {
        return catalog.call("refresh", ops::refresh);
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        catalog.run("commit", () -> ops.commit(base, metadata));
    }

    @Override
    public FileIO io() {
        return io;
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
    public long newSnapshotId() {
        return ops.newSnapshotId();
    }
}
