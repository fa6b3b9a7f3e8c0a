package io.sink.columns;

import java.util.Arrays;
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
}
