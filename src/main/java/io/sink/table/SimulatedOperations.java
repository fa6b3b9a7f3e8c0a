package io.sink.table;

import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** A table in memory: it starts from metadata that was read, and its commits stay in memory. */
public final class SimulatedOperations implements TableOperations {
    private final FileIO io;
    private TableMetadata current;

    /** @param io the storage to read from; writes are refused */
    public SimulatedOperations(TableMetadata metadata, FileIO io) {
        this.current = metadata;
        this.io = ReadOnlyFileIO.of(io);
    }

    @Override
    public TableMetadata current() {
        return current;
    }

    @Override
    public TableMetadata refresh() {
        return current;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        this.current = metadata;
    }

    @Override
    public FileIO io() {
        return io;
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return current.location() + "/metadata/" + fileName;
    }

    @Override
    public LocationProvider locationProvider() {
        return LocationProviders.locationsFor(current.location(), current.properties());
    }
}
