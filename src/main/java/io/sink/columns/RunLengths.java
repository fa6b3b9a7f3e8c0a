package io.sink.columns;

import java.util.Arrays;
import org.apache.parquet.column.values.bitpacking.BytePacker;
import org.apache.parquet.column.values.bitpacking.Packer;

/**
 * Decodes Parquet's hybrid of runs and bit-packed integers, as the specification has it ("Run Length Encoding /
 * Bit-Packing Hybrid"). Not the decoder that merges use, so that a fault of one is seen by the other; both unpack bits
 * by Parquet's own tables.
 */
final class RunLengths {
    private RunLengths() {}

    /**
     * Reads values. Bytes that are left show that these are others: levels of another width, for example.
     *
     * @param until the position behind the last byte
     * @param width bits of each value, at most 32
     * @param most the largest value that is possible
     * @throws IllegalArgumentException if there are fewer, or one is larger, or bytes are left
     */
    static int[] decode(byte[] bytes, int from, int until, int width, int count, int most) {
        int[] values = new int[count];
        int at = from;
        int done = 0;
        while (done < count) {
            long header = 0;
            int next;
            int shift = 0;
            do {
                next = byteAt(bytes, at++, until);
                header |= (next & 0x7fL) << shift;
                shift += 7;
            } while (next >= 0x80 && shift < 35);
            int left = count - done;
            if ((header & 1) == 1) {
                long all = header >>> 1;
                int taken = (int) Math.min(all * 8, left);
                unpack(bytes, at, until, width, values, done, taken, most);
                done += taken;
                at = (int) Math.min(until, at + all * width);
            } else {
                long value = 0;
                for (int i = 0; i < (width + 7) / 8; i++) {
                    value |= (long) byteAt(bytes, at++, until) << (8 * i);
                }
                int taken = (int) Math.min(header >>> 1, left);
                Arrays.fill(values, done, done + taken, checked(value, most));
                done += taken;
            }
        }
        if (at != until) {
            throw new IllegalArgumentException((until - at) + " bytes are left after " + count + " values");
        }
        return values;
    }

    private static void unpack(byte[] bytes, int from, int until, int width, int[] to, int first, int count, int most) {
        if (((long) count * width + 7) / 8 > until - from) {
            throw new IllegalArgumentException("values end early");
        }
        BytePacker packer = Packer.LITTLE_ENDIAN.newBytePacker(width);
        int at = from;
        int done = 0;
        for (; done <= count - 32; done += 32) {
            packer.unpack32Values(bytes, at, to, first + done);
            at += 4 * width;
        }
        for (; done <= count - 8; done += 8) {
            packer.unpack8Values(bytes, at, to, first + done);
            at += width;
        }
        if (done < count) {
            // The last eight may be cut short, in values and in bytes.
            int[] rest = new int[8];
            packer.unpack8Values(Arrays.copyOfRange(bytes, at, at + width), 0, rest, 0);
            System.arraycopy(rest, 0, to, first + done, count - done);
        }
        if (most < (1L << width) - 1) {
            int sign = 0;
            for (int i = first, end = first + count; i < end; i++) {
                // Negative if a value is larger, or has 32 bits.
                sign |= to[i] | most - to[i];
            }
            for (int i = first; sign < 0 && i < first + count; i++) {
                checked(to[i] & 0xffffffffL, most);
            }
        }
    }

    /** Whether the bytes are one run of so many at least. */
    static boolean isRunOf(int value, int width, byte[] bytes, int from, int until, int count) {
        long header = 0;
        int at = from;
        for (int shift = 0; shift < 35 && at < until; shift += 7) {
            int next = bytes[at++] & 0xff;
            header |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                return (header & 1) == 0
                        && header >>> 1 >= count
                        && width <= 8
                        && at + 1 == until
                        && (bytes[at] & 0xff) == value;
            }
        }
        return false;
    }

    private static int checked(long value, int most) {
        if (value > most) {
            throw new IllegalArgumentException(value + " where at most " + most + " is possible");
        }
        return (int) value;
    }

    private static int byteAt(byte[] bytes, int at, int until) {
        if (at >= until) {
            throw new IllegalArgumentException("values end early");
        }
        return bytes[at] & 0xff;
    }
}
