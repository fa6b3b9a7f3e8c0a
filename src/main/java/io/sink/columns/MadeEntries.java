package io.sink.columns;

import io.sink.pages.Fill;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** The entries of a column that a file does not store, one for each row that is kept. */
final class MadeEntries implements Entries {
    private static final int AT_ONCE = 4096;

    private final Fill fill;
    private final ColumnDescriptor column;
    private final RowRange rows;
    private int row;

    MadeEntries(Fill fill, ColumnDescriptor column, RowRange rows) {
        this.fill = fill;
        this.column = column;
        this.rows = rows;
    }

    @Override
    public @Nullable Block next() {
        PlainBytes plain = new PlainBytes();
        int entries = 0;
        for (; row < rows.count() && entries < AT_ONCE; row++) {
            if (rows.keeps(row)) {
                entries++;
                write(fill, rows.first() + row, column, plain);
            }
        }
        if (entries == 0) {
            return null;
        }
        byte[] bytes = plain.toByteArray();
        return new Block(
                entries,
                fill instanceof Fill.Nulls ? 0 : entries,
                null,
                fill instanceof Fill.Nulls ? new int[entries] : null,
                Values.plain(bytes, 0, bytes.length));
    }

    /** Writes what stands for a value that is not stored; nothing for a null. */
    static void write(Fill fill, long position, ColumnDescriptor column, PlainBytes to) {
        if (fill instanceof Fill.Counting counting) {
            to.number64(counting.first() + position);
        } else if (fill instanceof Fill.Constant constant) {
            Object value = constant.value();
            if (value instanceof Boolean truth) {
                to.write(truth ? 1 : 0);
            } else if (value instanceof Integer number) {
                to.number32(number);
            } else if (value instanceof Long number) {
                to.number64(number);
            } else if (value instanceof Float number) {
                to.number32(Float.floatToRawIntBits(number));
            } else if (value instanceof Double number) {
                to.number64(Double.doubleToRawLongBits(number));
            } else {
                to.bytes((Binary) value, column.getPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.BINARY);
            }
        }
    }
}
