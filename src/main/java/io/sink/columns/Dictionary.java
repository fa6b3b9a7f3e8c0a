package io.sink.columns;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.parquet.schema.PrimitiveType;

/** The values of a dictionary in plain encoding. */
final class Dictionary {
    private final byte[] plain;
    private final int[] offsets;

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
        Map<ByteBuffer, Integer> ids = new HashMap<>();
        for (int id = 0; id < other.count(); id++) {
            ids.put(ByteBuffer.wrap(other.plain, other.from(id), other.until(id) - other.from(id)), id);
        }
        int[] map = new int[count()];
        for (int id = 0; id < map.length; id++) {
            map[id] = ids.getOrDefault(ByteBuffer.wrap(plain, from(id), until(id) - from(id)), -1);
        }
        return map;
    }
}
