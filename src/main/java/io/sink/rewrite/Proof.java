package io.sink.rewrite;

import io.sink.rows.Fingerprint;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What was shown to be equal in what a rewrite read and what it wrote.
 *
 * @param rows live rows
 * @param nulls nulls over all leaf columns
 * @param fingerprint of all rows with their lineage; null where only counts were asked for
 */
public record Proof(long rows, long nulls, @Nullable Fingerprint fingerprint) implements Serializable {
    /** The proof of no rows at all, with which sums begin. */
    public static Proof none(boolean fingerprinted) {
        return new Proof(0, 0, fingerprinted ? Fingerprint.NONE : null);
    }

    /** The proof of the rows of both. */
    public Proof plus(Proof other) {
        return new Proof(
                rows + other.rows,
                nulls + other.nulls,
                fingerprint == null || other.fingerprint == null ? null : fingerprint.plus(other.fingerprint));
    }
}
