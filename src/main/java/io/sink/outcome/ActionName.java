package io.sink.outcome;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The actions that can be done to a table, and what is particular to each. Published in reports: add, never rename. */
public enum ActionName {
    /** Loading the table; reported only when no action could start. */
    LOAD("load", Trait.HOUSEKEEPING),
    /** Deleting the files that a dead run had staged; reported only if there are any. */
    SETTLE("settle", Trait.HOUSEKEEPING, Trait.SILENT_IF_NOTHING_IS_DUE),
    EXPIRE("expire", Reason.EXPIRE_ERROR),
    COMPACT("compact", Reason.REWRITE_ERROR, Trait.SPENDS_BUDGET),
    /** Removing delete files that no data file needs any more. */
    REMOVE_DANGLING_DELETES("remove-dangling-deletes", Reason.REWRITE_ERROR),
    /** Rewriting many small manifests into few. */
    REWRITE_MANIFESTS("rewrite-manifests", Reason.REWRITE_ERROR),
    /** Sweeping orphan files, which nothing in the table names. */
    ORPHANS("orphans", Trait.FINDS, Trait.LISTS_FILES),
    /** Setting a branch back to one of its earlier snapshots. */
    ROLLBACK("rollback", Reason.ROLLBACK_REFUSED, Trait.FINDS),
    /** Checking that everything that the table names is there. */
    VERIFY("verify", Trait.FINDS),
    /** Describing the state of a table. */
    INSPECT("inspect");

    /** What reports, metrics and budgets have to know about an action. */
    public enum Trait {
        /** Not what a run is asked for: it does not count as a success of its own. */
        HOUSEKEEPING,
        /** Not reported if nothing is due. */
        SILENT_IF_NOTHING_IS_DUE,
        /** Its plans share the bytes that a run may read. */
        SPENDS_BUDGET,
        /** What was asked for is what it found, which its detail gives. */
        FINDS,
        /** What was asked for is the list of the files that it deletes. */
        LISTS_FILES
    }

    private final String code;
    private final @Nullable Reason ofNoCommit;
    private final Set<Trait> traits;

    ActionName(String code, Trait... traits) {
        this(code, null, traits);
    }

    ActionName(String code, @Nullable Reason ofNoCommit, Trait... traits) {
        this.code = code;
        this.ofNoCommit = ofNoCommit;
        this.traits = EnumSet.noneOf(Trait.class);
        this.traits.addAll(Set.of(traits));
    }

    /** The published code, as it stands in every report. */
    public String code() {
        return code;
    }

    /**
     * The reason to report if it is known that the catalog would refuse a commit; null if the action commits nothing.
     */
    public @Nullable Reason ofNoCommit() {
        return ofNoCommit;
    }

    /** Whether the action has this trait. */
    public boolean is(Trait trait) {
        return traits.contains(trait);
    }
}
