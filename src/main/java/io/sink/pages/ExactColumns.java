package io.sink.pages;

import java.lang.reflect.Field;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.schema.MessageType;

/**
 * Makes a row group that Iceberg opened use {@link ExactWriters}. Iceberg's writer of rows offers no way to choose the
 * writers of values, so they are replaced by reflection before the first value.
 */
public final class ExactColumns {
    private static final Field PROPERTIES = field("ColumnWriteStoreBase", "props");
    private static final Field VALUES = field("ColumnWriterBase", "dataColumn");

    private ExactColumns() {}

    /** Replaces the writers of values in a store to which nothing was written yet. */
    public static void set(ColumnWriteStore store, MessageType schema) {
        try {
            ParquetProperties properties = (ParquetProperties) PROPERTIES.get(store);
            for (ColumnDescriptor column : schema.getColumns()) {
                ColumnWriter writer = store.getColumnWriter(column);
                ValuesWriter usual = (ValuesWriter) VALUES.get(writer);
                ExactWriters writers = new ExactWriters(only(usual));
                writers.initialize(properties);
                ValuesWriter exact = writers.newValuesWriter(column);
                if (exact != usual) {
                    VALUES.set(writer, exact);
                    usual.close();
                }
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ValuesWriterFactory only(ValuesWriter usual) {
        return new ValuesWriterFactory() {
            @Override
            public void initialize(ParquetProperties properties) {
                // The writer exists already.
            }

            @Override
            public ValuesWriter newValuesWriter(ColumnDescriptor column) {
                return usual;
            }
        };
    }

    private static Field field(String type, String name) {
        try {
            Field field =
                    Class.forName("org.apache.parquet.column.impl." + type).getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Parquet's writers have no field " + name + " as in the known version", e);
        }
    }
}
