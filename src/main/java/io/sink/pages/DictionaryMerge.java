package io.sink.pages;

import java.util.Arrays;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Merges several dictionaries into one: each value once, those of the first dictionary in their order.
 *
 * <p>Values are compared as plain bytes, so that -0.0 stays -0.0 and every NaN stays itself.
 */
final class DictionaryMerge {
    private final int limit;
    private final int width;
    private byte[] bytes = new byte[1 << 12];
    private int length;
    private int[] starts = new int[1 << 8];
    private long[] keys = new long[1 << 8];
    private int count;
    private int[] table = new int[1 << 9];
    private int[] slots = new int[1 << 8];
    private int rehashes;

    /** @param limit the most bytes that the dictionary may have */
    DictionaryMerge(PrimitiveType type, int limit) {
        this.limit = limit;
        // There are no dictionaries of booleans, which are bits.
        this.width = type.getPrimitiveTypeName() == PrimitiveTypeName.BOOLEAN ? 0 : PlainValues.width(type);
        Arrays.fill(table, -1);
    }

    /**
     * The start of each value of a dictionary, followed by the end of the last one.
     *
     * @throws IllegalArgumentException if the bytes are not that many values
     */
    static int[] offsets(PrimitiveType type, byte[] dictionary, int values) {
        if (values < 0 || values > dictionary.length) {
            throw new IllegalArgumentException(
                    "a dictionary of " + values + " values in " + dictionary.length + " bytes");
        }
        int[] offsets = new int[values + 1];
        int at = 0;
        for (int i = 0; i < values; i++) {
            offsets[i] = at;
            at = PlainValues.skip(type, dictionary, at, dictionary.length, 1);
        }
        offsets[values] = at;
        return offsets;
    }

    /**
     * Adds the values of a dictionary.
     *
     * @return the merged id for each of its ids; null, with nothing added, if the limit would be exceeded
     */
    int @Nullable [] add(byte[] dictionary, int[] offsets) {
        int values = offsets.length - 1;
        int oldCount = count;
        int oldLength = length;
        int oldRehashes = rehashes;
        int[] map = new int[values];
        for (int i = 0; i < values; i++) {
            map[i] = id(dictionary, offsets[i], offsets[i + 1]);
            if (length > limit && count > oldCount) {
                shrink(oldCount, oldLength, oldRehashes);
                return null;
            }
        }
        return map;
    }

    int count() {
        return count;
    }

    /** The plain bytes of all values. */
    byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    static boolean isIdentity(int[] map) {
        for (int i = 0; i < map.length; i++) {
            if (map[i] != i) {
                return false;
            }
        }
        return true;
    }

    private int id(byte[] from, int start, int end) {
        if (count * 2 >= table.length) {
            rehash(table.length * 2);
        }
        long key = key(from, start, end);
        int slot = slot(key, table.length);
        for (int id = table[slot]; id >= 0; id = table[slot]) {
            if (keys[id] == key && isAt(id, from, start, end)) {
                return id;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = count;
        int size = end - start;
        if (length + size > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + size));
        }
        System.arraycopy(from, start, bytes, length, size);
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
            slots = Arrays.copyOf(slots, slots.length * 2);
            keys = Arrays.copyOf(keys, keys.length * 2);
        }
        starts[count] = length;
        slots[count] = slot;
        keys[count] = key;
        length += size;
        return count++;
    }

    /** Whether the value of this id, whose key is the same, equals this value. */
    private boolean isAt(int id, byte[] from, int start, int end) {
        int valueEnd = id + 1 < count ? starts[id + 1] : length;
        return isNumber() || Arrays.equals(bytes, starts[id], valueEnd, from, start, end);
    }

    private boolean isNumber() {
        return width == Integer.BYTES || width == Long.BYTES;
    }

    /** The value itself if it has 4 or 8 bytes, else a hash. */
    private long key(byte[] from, int start, int end) {
        if (width == Integer.BYTES) {
            return PlainValues.number(from, start);
        }
        if (width == Long.BYTES) {
            return (PlainValues.number(from, start) & 0xffffffffL)
                    | ((long) PlainValues.number(from, start + Integer.BYTES) << 32);
        }
        long hash = 1;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + from[i];
        }
        return hash;
    }

    /** Removes the newest values. Once the limit is reached this happens for every further dictionary. */
    private void shrink(int newCount, int newLength, int oldRehashes) {
        if (rehashes == oldRehashes) {
            // The newest first: a value that was placed after a slot by probing must go before the slot becomes free.
            for (int id = count - 1; id >= newCount; id--) {
                table[slots[id]] = -1;
            }
            count = newCount;
            length = newLength;
        } else {
            count = newCount;
            length = newLength;
            rehash(table.length);
        }
    }

    private void rehash(int size) {
        int[] next = new int[size];
        Arrays.fill(next, -1);
        for (int id = 0; id < count; id++) {
            int slot = slot(keys[id], size);
            while (next[slot] >= 0) {
                slot = (slot + 1) & (size - 1);
            }
            next[slot] = id;
            slots[id] = slot;
        }
        table = next;
        rehashes++;
    }

    private static int slot(long key, int size) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & (size - 1);
    }
}
