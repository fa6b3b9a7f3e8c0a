package io.sink.columns;

import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Values of a column, either in plain encoding or as ids of a dictionary.
 *
 * @param plain the values, from {@code from} to {@code until}; empty if there are ids
 * @param ids an id for each value; null if there are none
 * @param dictionary the dictionary of the ids; null if there are none
 */
record Values(
        byte[] plain,
        int from,
        int until,
        int @Nullable [] ids,
        @Nullable Dictionary dictionary) {
    private static final byte[] NONE = {};

    static Values plain(byte[] bytes, int from, int until) {
        return new Values(bytes, from, until, null, null);
    }

    static Values ids(int[] ids, Dictionary dictionary) {
        return new Values(NONE, 0, 0, ids, dictionary);
    }

    /** Bytes that each value of the type takes in plain encoding; 0 if it says itself how many. */
    static int width(PrimitiveType type) {
        return switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> 1;
            case INT32, FLOAT -> 4;
            case INT64, DOUBLE -> 8;
            case INT96 -> 12;
            case FIXED_LEN_BYTE_ARRAY -> type.getTypeLength();
            case BINARY -> 0;
        };
    }

    /**
     * The position behind so many plain values.
     *
     * @throws IllegalArgumentException if they are not there
     */
    static int behind(byte[] plain, int at, int until, int count, PrimitiveType type) {
        int width = width(type);
        if (width > 0 || type.getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
            long end = at + (long) count * width;
            if (end > until) {
                throw new IllegalArgumentException("values end early");
            }
            return (int) end;
        }
        int end = at;
        for (int i = 0; i < count; i++) {
            int length = until - end < 4 ? -1 : PlainBytes.number32(plain, end);
            if (length < 0 || length > until - end - 4) {
                throw new IllegalArgumentException("values end early");
            }
            end += 4 + length;
        }
        return end;
    }
}
