package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.outcome.Inspection;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;

/**
 * What a run was asked to do.
 *
 * @param header its identity; ages are counted from its start
 * @param host the host that it is on
 * @param steps the actions, in the order in which each table sees them
 * @param named tables named one by one, which are loaded without a listing
 * @param listed whether a catalog, by its name, is to be listed
 * @param selected whether a listed table is asked for
 * @param excluded whether a flag excludes the table
 * @param limits how long the run, and what could hang in it, may take
 * @param maxBytes bytes that the rewrites may read together, or null
 * @param failOn reasons that count as failures in addition to those with outcome {@code failed}
 * @param allowEmpty whether it is fine to find no table
 * @param parallel tables at work at once, at least 1
 * @param sizes looks at the files of each table before and after its actions
 * @param selectors what was written to select tables; the run warns of a selector that selects none
 */
public record RunRequest(
        RunHeader header,
        String host,
        List<Step> steps,
        List<TableRef> named,
        Predicate<String> listed,
        Predicate<TableRef> selected,
        Predicate<TableRef> excluded,
        Limits limits,
        @Nullable Long maxBytes,
        Set<Reason> failOn,
        boolean allowEmpty,
        int parallel,
        Sizes sizes,
        Selectors selectors) {

    /**
     * How long the run may take.
     *
     * @param deadline nothing is begun after this, or null
     * @param commit how long the answer to a commit is waited for, once the run has to end
     * @param listing how long a catalog may take to be opened and listed
     */
    public record Limits(@Nullable Instant deadline, Duration commit, Duration listing) {}

    /** Tells how a table's live data files are distributed by size; null if that was not asked for. */
    public interface Sizes {
        /** Not asked for. */
        Sizes UNASKED = table -> null;

        /** @throws RuntimeException if a manifest cannot be read */
        @Nullable
        List<Inspection.Bucket> of(TableOperations table);
    }

    /** Nothing is begun after this, or null. */
    @Nullable
    Instant deadline() {
        return limits.deadline();
    }

    /** Whether the run may end before every table had its turn, so that it matters whose turn comes first. */
    boolean mayEndEarly() {
        return deadline() != null || maxBytes != null;
    }
}
