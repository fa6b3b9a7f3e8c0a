package io.sink.testing;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** A table that somebody else changes once, right before the refresh of this number. */
public final class StruckOperations implements TableOperations {
    private final TableOperations ops;
    private final Runnable other;
    private int refreshes;

    /** @param before which refresh is struck, from 1 on */
    public StruckOperations(TableOperations ops, int before, Runnable other) {
        this.ops = ops;
        this.refreshes = before;
        this.other = other;
    }

    @Override
    public TableMetadata current() {
        return ops.current();
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

    @Override
    public FileIO io() {
        return ops.io();
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
