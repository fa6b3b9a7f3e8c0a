package io.sink.columns;

import java.util.Arrays;
import org.apache.parquet.schema.PrimitiveType;

/** The values of a dictionary in plain encoding. */
final class Dictionary {
    private final byte[] plain;
    private final int[] offsets;

    /** @throws IllegalArgumentException if the bytes do not have so many values; readers ignore bytes behind them */
    Dictionary(byte[] plain, int count, PrimitiveType type) {
        this.plain = plain;
        this.offsets = new int[count + 1];
        for (int i = 0; i < count; i++) {
            offsets[i + 1] = Values.behind(plain, offsets[i], plain.length, 1, type);
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
        int end = offsets[count()];
        return count() == other.count()
                && end == other.offsets[other.count()]
                && Arrays.equals(plain, 0, end, other.plain, 0, end);
    }

    boolean sameValue(int id, Dictionary other, int otherId) {
        return Arrays.equals(plain, from(id), until(id), other.plain, other.from(otherId), other.until(otherId));
    }
}
