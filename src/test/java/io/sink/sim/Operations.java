package io.sink.sim;

import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;

/** The table as a process sees it through a catalog that swaps one pointer. */
final class Operations extends BaseMetastoreTableOperations {
    private final World world;
    private final Process process;
    private final FileIO io;

    Operations(World world, Process process) {
        this.world = world;
        this.process = process;
        this.io = world.store.files(process);
    }

    @Override
    protected String tableName() {
        return "sim.t";
    }

    @Override
    public FileIO io() {
        return io;
    }

    @Override
    protected void doRefresh() {
        String pointer = process.call("load", () -> world.pointer() == null ? "" : world.pointer());
        if (pointer.isEmpty() && currentMetadataLocation() == null) {
            disableRefresh();
            return;
        }
        if (pointer.isEmpty()) {
            throw new NoSuchTableException("no table %s", tableName());
        }
        refreshFromMetadataLocation(pointer, 0);
    }

    @Override
    protected void doCommit(TableMetadata base, TableMetadata metadata) {
        String location = writeNewMetadataIfRequired(base == null, metadata);
        process.call(
                "swap " + location,
                () -> {
                    if (!world.swap(process, currentMetadataLocation(), location, metadata)) {
                        throw new CommitFailedException("%s is not the newest", currentMetadataLocation());
                    }
                    return "";
                },
                () -> {
                    throw new CommitFailedException("refused");
                },
                message -> new CommitStateUnknownException(new IllegalStateException(message)));
    }
}
