package io.sink.pages;

import java.io.ByteArrayOutputStream;
import org.apache.parquet.column.values.bitpacking.BytePacker;
import org.apache.parquet.column.values.bitpacking.Packer;

/**
 * Parquet's hybrid of run-length and bit-packed integers, many at a time: levels and dictionary ids.
 *
 * <p>The format is in the specification of Parquet's encodings, "Run Length Encoding / Bit-Packing Hybrid". Parquet's
 * own classes work value by value.
 */
final class HybridInts {
    /** Runs of at least this many equal values are written as a run. */
    private static final int MIN_RUN = 8;

    /** The most groups of eight in a bit-packed run: its header is one byte, as by Parquet's own writer. */
    private static final int MAX_GROUPS = 63;

    private HybridInts() {}

    /** The bits that values up to this one need. */
    static int width(int max) {
        return 32 - Integer.numberOfLeadingZeros(max);
    }

    /** The length of the array that {@link #decode} needs for this many values. */
    static int room(int count) {
        // A group of eight may begin anywhere and reach beyond the last value.
        return count + 8;
    }

    /**
     * Reads values.
     *
     * @param width bits of each value
     * @param to gets the values; has at least the length {@link #room} of the count
     * @return the position after the last byte that was read
     * @throws IllegalArgumentException if the bytes end before the values
     */
    static int decode(byte[] from, int position, int end, int width, int[] to, int count) {
        if (width < 0 || width > 32) {
            throw new IllegalArgumentException("a bit width of " + width);
        }
        BytePacker packer = Packer.LITTLE_ENDIAN.newBytePacker(width);
        int at = position;
        int done = 0;
        while (done < count) {
            int header = 0;
            int shift = 0;
            int part;
            do {
                if (at >= end || shift > 28) {
                    throw new IllegalArgumentException("values end after " + done + " of " + count);
                }
                part = from[at++];
                header |= (part & 0x7f) << shift;
                shift += 7;
            } while ((part & 0x80) != 0);
            int left = count - done;
            if ((header & 1) == 0) {
                int bytes = (width + 7) / 8;
                if (at + bytes > end) {
                    throw new IllegalArgumentException("a run ends after " + done + " of " + count + " values");
                }
                int value = 0;
                for (int i = 0; i < bytes; i++) {
                    value |= (from[at++] & 0xff) << (8 * i);
                }
                int run = Math.min(header >>> 1, left);
                java.util.Arrays.fill(to, done, done + run, value);
                done += run;
            } else {
                int groups = Math.min(header >>> 1, (left + 7) / 8);
                for (int group = 0; group < groups; group++) {
                    unpack(packer, from, at + group * width, end, to, done + group * 8);
                }
                at = (int) Math.min(end, at + (long) (header >>> 1) * width);
                done += Math.min(groups * 8, left);
            }
        }
        return at;
    }

    /** Whether the values begin with one run of this value, of at least this length. */
    static boolean isRun(byte[] from, int position, int end, int width, int value, int count) {
        int at = position;
        int header = 0;
        int part;
        for (int shift = 0; ; shift += 7) {
            if (at >= end || shift > 28) {
                return false;
            }
            part = from[at++];
            header |= (part & 0x7f) << shift;
            if ((part & 0x80) == 0) {
                break;
            }
        }
        // Levels of at most 8 bits take one byte.
        return (header & 1) == 0 && header >>> 1 >= count && width <= 8 && at < end && (from[at] & 0xff) == value;
    }

    /** Unpacks a group of eight; writers may omit bytes that only pad the last group. */
    private static void unpack(BytePacker packer, byte[] from, int at, int end, int[] to, int position) {
        int width = packer.getBitWidth();
        if (at + width <= end) {
            packer.unpack8Values(from, at, to, position);
        } else if (at < end) {
            byte[] padded = new byte[width];
            System.arraycopy(from, at, padded, 0, end - at);
            packer.unpack8Values(padded, 0, to, position);
        } else {
            throw new IllegalArgumentException("bit-packed values end too early");
        }
    }

    /** Appends the encoded values. */
    static void encode(int[] values, int count, int width, ByteArrayOutputStream to) {
        BytePacker packer = Packer.LITTLE_ENDIAN.newBytePacker(width);
        byte[] packed = new byte[MAX_GROUPS * width];
        int[] last = new int[8];
        int at = 0;
        while (at < count) {
            int run = run(values, at, count);
            if (run >= MIN_RUN || run == count - at) {
                writeRun(values[at], run, width, to);
                at += run;
                continue;
            }
            int groups = 0;
            int next = at;
            while (groups < MAX_GROUPS
                    && next < count
                    && (groups == 0 || run(values, next, next + MIN_RUN, count) < 8)) {
                if (next + 8 <= count) {
                    packer.pack8Values(values, next, packed, groups * width);
                } else {
                    java.util.Arrays.fill(last, 0);
                    System.arraycopy(values, next, last, 0, count - next);
                    packer.pack8Values(last, 0, packed, groups * width);
                }
                groups++;
                next += 8;
            }
            to.write((groups << 1) | 1);
            to.write(packed, 0, groups * width);
            at = Math.min(next, count);
        }
    }

    /** Appends one run. */
    static void writeRun(int value, int count, int width, ByteArrayOutputStream to) {
        int header = count << 1;
        while ((header & ~0x7f) != 0) {
            to.write((header & 0x7f) | 0x80);
            header >>>= 7;
        }
        to.write(header);
        for (int i = 0; i < (width + 7) / 8; i++) {
            to.write(value >>> (8 * i));
        }
    }

    private static int run(int[] values, int from, int count) {
        return run(values, from, count, count);
    }

    private static int run(int[] values, int from, int until, int count) {
        int at = from + 1;
        int stop = Math.min(until, count);
        while (at < stop && values[at] == values[from]) {
            at++;
        }
        return at - from;
    }
}
