package io.sink.rewrite;

import io.sink.rows.Fingerprint;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was shown to be equal between the rows that a rewrite read and those that it wrote.
 *
 * @param rows number of live rows
 * @param nulls number of nulls in all leaf columns
 * @param values whether every value of the rows was compared
 * @param stored by what the written bytes were compared with those in storage, and of how many files: {@link #READ}, or
 *     the name of the storage's checksum of the whole file; empty if only counts were compared
 * @param fingerprint the fingerprint of all rows with their lineage; null if only counts were compared
 */
public record Proof(
        long rows,
        long nulls,
        boolean values,
        Map<String, Integer> stored,
        @Nullable Fingerprint fingerprint) implements Serializable {
    /** What was written was read from storage. */
    public static final String READ = "read";

    public Proof {
        stored = Collections.unmodifiableMap(new TreeMap<>(stored));
    }

    /**
     * The proof of no rows, from which sums start.
     *
     * @param level what sums show
     */
    public static Proof none(ProofLevel level) {
        return new Proof(
                0, 0, level != ProofLevel.COUNTS, Map.of(), level == ProofLevel.FULL ? Fingerprint.NONE : null);
    }

    /** The proof of the rows of both; it has a fingerprint only if both have one. */
    public Proof plus(Proof other) {
        Map<String, Integer> both = new TreeMap<>(stored);
        other.stored.forEach((way, files) -> both.merge(way, files, Integer::sum));
        return new Proof(
                rows + other.rows,
                nulls + other.nulls,
                values && other.values,
                both,
                fingerprint == null || other.fingerprint == null ? null : fingerprint.plus(other.fingerprint));
    }
}
