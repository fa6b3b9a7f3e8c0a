package io.sink.rows;

import java.io.Serializable;
import java.util.Locale;

/**
 * The sum modulo 2^128 of the hashes of rows: equal for the same multiset of rows in any order.
 *
 * <p>It is not an exclusive or, in which a row that occurs twice would cancel itself out.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record Fingerprint(long high, long low) implements Serializable {
    /** The fingerprint of no rows. */
    public static final Fingerprint NONE = new Fingerprint(0, 0);

    /** The fingerprint of the rows of both. */
    public Fingerprint plus(Fingerprint other) {
        long sum = low + other.low;
        int carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
        return new Fingerprint(high + other.high + carry, sum);
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%016x%016x", high, low);
    }
}
