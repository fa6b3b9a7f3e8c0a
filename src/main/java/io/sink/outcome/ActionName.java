package io.sink.outcome;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The actions that can be done to a table, and what is particular to each. Published in reports: add, never rename. */
public enum ActionName {
    /** Getting at the table at all: what is said of a table when no action could even start. */
    LOAD("load", Trait.HOUSEKEEPING),
    /** Taking away what a run that died had staged; said of a table only where there is something. */
    SETTLE("settle", Trait.HOUSEKEEPING, Trait.SILENT_IF_NOTHING_IS_DUE),
    EXPIRE("expire", Reason.EXPIRE_ERROR),
    COMPACT("compact", Reason.REWRITE_ERROR, Trait.SPENDS_BUDGET),
    /** Taking delete files out of a table that no data file needs any more. */
    REMOVE_DANGLING_DELETES("remove-dangling-deletes", Reason.REWRITE_ERROR),
    /** Writing many small manifests anew as few. */
    REWRITE_MANIFESTS("rewrite-manifests", Reason.REWRITE_ERROR),
    /** Sweeping files that nothing of the table names. */
    ORPHANS("orphans", Trait.FINDS, Trait.LISTS_FILES),
    /** Setting a branch back to one of its earlier snapshots. */
    ROLLBACK("rollback", Reason.ROLLBACK_REFUSED, Trait.FINDS),
    /** Looking whether everything that the table names is there. */
    VERIFY("verify", Trait.FINDS),
    /** Saying how a table is. */
    INSPECT("inspect");

    /** What reports, figures and budgets have to know of an action. */
    public enum Trait {
        /** Not what a run is asked for: it is no success of its own. */
        HOUSEKEEPING,
        /** Worth no line where nothing is due. */
        SILENT_IF_NOTHING_IS_DUE,
        /** Its plans share the bytes that a run may read. */
        SPENDS_BUDGET,
        /** What it found, and stands in its detail, is what was asked for. */
        FINDS,
        /** The files that it takes are what was asked for. */
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

    /** The reason where it is known that the catalog would take no commit; null: the action commits nothing. */
    public @Nullable Reason ofNoCommit() {
        return ofNoCommit;
    }

    /** Whether this is so of the action. */
    public boolean is(Trait trait) {
        return traits.contains(trait);
    }
}
