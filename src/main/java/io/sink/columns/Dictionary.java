package io.sink.columns;

import java.util.Arrays;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/** The values of a dictionary in plain encoding. */
final class Dictionary {
    private final byte[] plain;
    private final int[] offsets;
    private int @Nullable [] table;

    /** @throws IllegalArgumentException if the bytes are not of so many values */
    Dictionary(byte[] plain, int count, PrimitiveType type) {
        this.plain = plain;
        this.offsets = new int[count + 1];
        for (int i = 0; i < count; i++) {
            offsets[i + 1] = Values.behind(plain, offsets[i], plain.length, 1, type);
        }
        if (offsets[count] != plain.length) {
            throw new IllegalArgumentException("bytes behind the last value of a dictionary");
        }
    }

    int count() {
        return offsets.length - 1;
    }

    byte[] plain() {
        return plain;
    }

    int from(int id) {
        return offsets[id];
    }

    int until(int id) {
        return offsets[id + 1];
    }

    /** Whether both have the same value for every id. */
    boolean same(Dictionary other) {
        return count() == other.count() && Arrays.equals(plain, other.plain);
    }

    boolean sameValue(int id, Dictionary other, int otherId) {
        return Arrays.equals(plain, from(id), until(id), other.plain, other.from(otherId), other.until(otherId));
    }

    /** For each id, that of the same value in the other; -1 if it has none. */
    int[] idsIn(Dictionary other) {
        int[] map = new int[count()];
        for (int id = 0; id < map.length; id++) {
            map[id] = other.find(this, id);
        }
        return map;
    }

    private int find(Dictionary other, int otherId) {
        int[] all = table();
        int mask = all.length - 1;
        for (int slot = hash(other.plain, other.from(otherId), other.until(otherId)) & mask;
                all[slot] >= 0;
                slot = (slot + 1) & mask) {
            if (sameValue(all[slot], other, otherId)) {
                return all[slot];
            }
        }
        return -1;
    }

    /** The ids by the hash of their values, with at least as many free places; -1 where there is none. */
    private int[] table() {
        if (table == null) {
            int[] all = new int[Integer.highestOneBit(Math.max(1, count())) * 4];
            Arrays.fill(all, -1);
            for (int id = 0; id < count(); id++) {
                int slot = hash(plain, from(id), until(id)) & (all.length - 1);
                while (all[slot] >= 0) {
                    slot = (slot + 1) & (all.length - 1);
                }
                all[slot] = id;
            }
            table = all;
        }
        return table;
    }

    private static int hash(byte[] bytes, int from, int until) {
        int hash = 17;
        for (int i = from; i < until; i++) {
            hash = (hash ^ bytes[i]) * 0x01000193;
        }
        return hash ^ hash >>> 15;
    }
}
