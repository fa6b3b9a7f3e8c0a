package io.sink.catalog;

import io.sink.table.DelegatingOperations;
import io.sink.table.SoundMetadata;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/** A catalog's table whose metadata is checked with {@link SoundMetadata} before any other code reads it. */
final class SoundOperations extends DelegatingOperations {
    private final TableOperations ops;
    private volatile @Nullable TableMetadata sound;

    SoundOperations(TableOperations ops) {
        super(ops, ops.io());
        this.ops = ops;
    }

    @Override
    public TableMetadata current() {
        return checked(MetadataReading.of(ops::current));
    }

    @Override
    public TableMetadata refresh() {
        return checked(MetadataReading.of(ops::refresh));
    }

    private TableMetadata checked(TableMetadata metadata) {
        if (metadata != sound) {
            SoundMetadata.require(metadata);
            sound = metadata;
        }
        return metadata;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        ops.commit(base, metadata);
    }

    @Override
    public FileIO io() {
        return ops.io();
    }
}
