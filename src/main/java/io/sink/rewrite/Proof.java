package io.sink.rewrite;

import io.sink.rows.Fingerprint;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What was shown to be equal between the rows that a rewrite read and those that it wrote.
 *
 * @param rows number of live rows
 * @param nulls number of nulls in all leaf columns
 * @param values whether every value of the rows was compared
 * @param fingerprint the fingerprint of all rows with their lineage; null if only counts were compared
 */
public record Proof(
        long rows, long nulls, boolean values, @Nullable Fingerprint fingerprint) implements Serializable {
    /**
     * The proof of no rows, from which sums start.
     *
     * @param level what sums show
     */
    public static Proof none(ProofLevel level) {
        return new Proof(0, 0, level != ProofLevel.COUNTS, level == ProofLevel.FULL ? Fingerprint.NONE : null);
    }

    /** The proof of the rows of both; it has a fingerprint only if both have one. */
    public Proof plus(Proof other) {
        return new Proof(
                rows + other.rows,
                nulls + other.nulls,
                values && other.values,
                fingerprint == null || other.fingerprint == null ? null : fingerprint.plus(other.fingerprint));
    }
}
