package io.sink.rewrite;

import io.sink.pages.ExactColumns;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.parquet.ParquetFormatModel;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.schema.MessageType;

/**
 * Iceberg's model of generic records in Parquet, except that every NaN keeps its bits. Rows with variants, which
 * Iceberg's own model may shred, are left to that.
 */
final class ExactParquet {
    /** The class by which this model is registered. */
    private interface ExactRecord extends Record {}

    static {
        FormatModelRegistry.register(ParquetFormatModel.create(
                ExactRecord.class,
                Schema.class,
                (schema, file, none) -> new Exact(GenericParquetWriter.create(schema, file), file),
                (schema, file, none, constants) -> {
                    throw new UnsupportedOperationException("nothing is read by this model");
                }));
    }

    private ExactParquet() {}

    /** Whether rows of the schema are written exactly. */
    static boolean writes(Schema schema) {
        return TypeUtil.indexById(schema.asStruct()).values().stream()
                .noneMatch(field -> field.type().typeId() == Type.TypeID.VARIANT);
    }

    /** The class of records to ask the registry of models for. */
    @SuppressWarnings("unchecked")
    static Class<Record> records(Schema schema) {
        return writes(schema) ? (Class<Record>) (Class<?>) ExactRecord.class : Record.class;
    }

    private record Exact(ParquetValueWriter<Record> rows, MessageType schema) implements ParquetValueWriter<Record> {
        @Override
        public void write(int repetitionLevel, Record row) {
            rows.write(repetitionLevel, row);
        }

        // The type of its elements cannot be named.
        @Override
        @SuppressWarnings({"rawtypes", "unchecked"})
        public List columns() {
            return rows.columns();
        }

        @Override
        public void setColumnStore(ColumnWriteStore store) {
            ExactColumns.set(store, schema);
            rows.setColumnStore(store);
        }

        @Override
        public Stream<FieldMetrics<?>> metrics() {
            return rows.metrics();
        }
    }
}
