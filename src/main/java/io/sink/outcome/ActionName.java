package io.sink.outcome;

/** The actions that can be done to a table. Published in reports: add, never rename. */
public enum ActionName {
    /** Getting at the table at all: what is said of a table when no action could even start. */
    LOAD("load"),
    /** Taking away what a run that died had staged; said of a table only where there is something. */
    SETTLE("settle"),
    EXPIRE("expire"),
    COMPACT("compact"),
    /** Taking delete files out of a table that no data file needs any more. */
    REMOVE_DANGLING_DELETES("remove-dangling-deletes"),
    /** Writing many small manifests anew as few. */
    REWRITE_MANIFESTS("rewrite-manifests"),
    /** Sweeping files that nothing of the table names. */
    ORPHANS("orphans"),
    /** Looking whether everything that the table names is there. */
    VERIFY("verify"),
    /** Saying how a table is. */
    INSPECT("inspect");

    private final String code;

    ActionName(String code) {
        this.code = code;
    }

    /** The published code, as it stands in every report. */
    public String code() {
        return code;
    }
}
