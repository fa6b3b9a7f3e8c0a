package io.sink.compact;

import org.apache.iceberg.DataFile;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;

/**
 * Where files are rewritten: those of the table's current spec in their partition, those of an older one together, as
 * Iceberg does, since their rows can belong anywhere.
 */
final class Places {
    private final int specId;
    private final StructLike elsewhere;

    Places(Table table) {
        this.specId = table.spec().specId();
        this.elsewhere = GenericRecord.create(table.spec().partitionType());
    }

    /** The place of a file: its partition, or {@link #elsewhere}. */
    StructLike of(DataFile file) {
        return file.specId() == specId ? file.partition() : elsewhere;
    }

    /** The place of files of older specs. */
    StructLike elsewhere() {
        return elsewhere;
    }
}
