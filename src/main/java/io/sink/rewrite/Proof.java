package io.sink.rewrite;

import io.sink.rows.Fingerprint;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What was shown to be equal between the rows that a rewrite read and those that it wrote.
 *
 * @param rows number of live rows
 * @param nulls number of nulls in all leaf columns
 * @param fingerprint the fingerprint of all rows with their lineage; null if only counts were compared
 */
public record Proof(long rows, long nulls, @Nullable Fingerprint fingerprint) implements Serializable {
    /**
     * The proof of no rows, from which sums start.
     *
     * @param fingerprinted whether sums have a fingerprint
     */
    public static Proof none(boolean fingerprinted) {
        return new Proof(0, 0, fingerprinted ? Fingerprint.NONE : null);
    }

    /** The proof of the rows of both; it has a fingerprint only if both have one. */
    public Proof plus(Proof other) {
        return new Proof(
                rows + other.rows,
                nulls + other.nulls,
                fingerprint == null || other.fingerprint == null ? null : fingerprint.plus(other.fingerprint));
    }
}
