package io.sink.pages;

import org.apache.parquet.schema.PrimitiveType;

/**
 * Finds values in plain encoding: of fixed length, or after their length in four bytes. Booleans are not bytes.
 */
final class PlainValues {
    private PlainValues() {}

    /**
     * The position after this many values.
     *
     * @throws IllegalArgumentException if they reach beyond the end
     */
    static int skip(PrimitiveType type, byte[] bytes, int from, int end, int count) {
        int width = width(type);
        if (width > 0) {
            if ((long) count * width > end - from) {
                throw new IllegalArgumentException(count + " values of " + width + " bytes in " + (end - from));
            }
            return from + count * width;
        }
        int at = from;
        for (int i = 0; i < count; i++) {
            int length = end - at < 4 ? -1 : number(bytes, at);
            if (length < 0 || length > end - at - 4) {
                throw new IllegalArgumentException("a value of " + length + " bytes");
            }
            at += 4 + length;
        }
        return at;
    }

    /** The little-endian integer in four bytes. */
    static int number(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    /**
     * Bytes of a value; 0 if values differ in length.
     *
     * @throws IllegalArgumentException for booleans
     */
    static int width(PrimitiveType type) {
        return switch (type.getPrimitiveTypeName()) {
            case INT32, FLOAT -> 4;
            case INT64, DOUBLE -> 8;
            case INT96 -> 12;
            case FIXED_LEN_BYTE_ARRAY -> type.getTypeLength();
            case BINARY -> 0;
            case BOOLEAN -> throw new IllegalArgumentException("booleans are bits");
        };
    }
}
