package io.sink.columns;

import java.io.ByteArrayOutputStream;
import org.apache.parquet.io.api.Binary;

/** Values in Parquet's plain encoding, one behind the other; a Boolean takes a byte. */
final class PlainBytes extends ByteArrayOutputStream {
    void number32(int value) {
        write(value);
        write(value >>> 8);
        write(value >>> 16);
        write(value >>> 24);
    }

    void number64(long value) {
        number32((int) value);
        number32((int) (value >>> 32));
    }

    /** @param fixed whether all values of the column have the same length, which is not written then */
    void bytes(Binary value, boolean fixed) {
        byte[] bytes = value.getBytes();
        if (!fixed) {
            number32(bytes.length);
        }
        writeBytes(bytes);
    }

    /** The number of 32 bits at a position. */
    static int number32(byte[] from, int at) {
        return (from[at] & 0xff)
                | (from[at + 1] & 0xff) << 8
                | (from[at + 2] & 0xff) << 16
                | (from[at + 3] & 0xff) << 24;
    }

    /** The number of 64 bits at a position. */
    static long number64(byte[] from, int at) {
        return number32(from, at) & 0xffffffffL | (long) number32(from, at + 4) << 32;
    }
}
