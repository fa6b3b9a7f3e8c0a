package io.sink.outcome;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why an action ended as it did: the closed list of published codes, each bound to the one outcome it can have, and to
 * what to do about it.
 *
 * <p>The outcome is a property of the reason, so that a failure cannot be reported as a skip. Add, never rename. The
 * table of LLP 0004 says the same of each.
 *
 * @see <a href="../../../../../../llp/0004-outcomes.decision.md">LLP 0004</a>
 */
public enum Reason {
    EXPIRED("expired", Outcome.DONE),
    COMPACTED("compacted", Outcome.DONE),
    DANGLING_DELETES_REMOVED("dangling-deletes-removed", Outcome.DONE),
    MANIFESTS_REWRITTEN("manifests-rewritten", Outcome.DONE),
    ROLLED_BACK("rolled-back", Outcome.DONE),
    SETTLED("settled", Outcome.DONE),
    ORPHANS_DELETED("orphans-deleted", Outcome.DONE),
    VERIFIED("verified", Outcome.DONE),
    INSPECTED("inspected", Outcome.DONE),

    WOULD_EXPIRE("would-expire", Outcome.PLANNED, "sink maintain without --dry-run does it"),
    WOULD_COMPACT("would-compact", Outcome.PLANNED, "sink maintain --compact without --dry-run does it"),
    WOULD_REMOVE_DANGLING_DELETES(
            "would-remove-dangling-deletes",
            Outcome.PLANNED,
            "sink maintain --remove-dangling-deletes without --dry-run does it"),
    WOULD_REWRITE_MANIFESTS(
            "would-rewrite-manifests", Outcome.PLANNED, "sink maintain --rewrite-manifests without --dry-run does it"),
    WOULD_ROLL_BACK("would-roll-back", Outcome.PLANNED, "run it without --dry-run"),
    WOULD_SETTLE("would-settle", Outcome.PLANNED, "run it without --dry-run"),
    WOULD_DELETE_ORPHANS(
            "would-delete-orphans", Outcome.PLANNED, "look at the list, then run sink orphans with --delete"),
    NOTHING_TO_SETTLE("nothing-to-settle", Outcome.SKIPPED, true),

    NOTHING_TO_ROLL_BACK("nothing-to-roll-back", Outcome.SKIPPED, true),
    NOTHING_TO_EXPIRE("nothing-to-expire", Outcome.SKIPPED, true),
    BELOW_THRESHOLD("below-threshold", Outcome.SKIPPED, true),
    NOTHING_TO_REWRITE("nothing-to-rewrite", Outcome.SKIPPED, true),
    NO_DANGLING_DELETES("no-dangling-deletes", Outcome.SKIPPED, true),
    ABOVE_BYTE_CAP("above-byte-cap", Outcome.SKIPPED, "raise max-bytes for the table, or set when-above-cap: partial"),
    EXCLUDED("excluded", Outcome.SKIPPED),
    NOT_ENABLED("not-enabled", Outcome.SKIPPED, true),
    DUPLICATE_ENTRY(
            "duplicate-entry",
            Outcome.SKIPPED,
            "drop the stale entry from its catalog, or set known-duplicate: true in the rule of the one to maintain"),
    GC_DISABLED(
            "gc-disabled",
            Outcome.SKIPPED,
            "if no other table needs its files, set the table property gc.enabled to true"),
    NO_CURRENT_SNAPSHOT("no-current-snapshot", Outcome.SKIPPED, true),
    NO_TABLE(
            "no-table",
            Outcome.SKIPPED,
            "correct the name: sink tables lists the existing ones; nothing to do if the table was dropped on purpose"),
    UNSUPPORTED_FORMAT("unsupported-format", Outcome.SKIPPED, "use a newer version of sink"),
    UNSUPPORTED_FEATURE(
            "unsupported-feature",
            Outcome.SKIPPED,
            "change what the detail names, or exclude the table by a rule and maintain it with the engine that writes"
                    + " it"),
    ENCRYPTED(
            "encrypted",
            Outcome.SKIPPED,
            "exclude the table by a rule and maintain it with the engine that has its keys"),
    PARTITION_BUSY(
            "partition-busy",
            Outcome.SKIPPED,
            "nothing, a run after the writers have gone on to other partitions compacts it; or set a shorter"
                    + " skip-newest"),
    WHERE_UNANSWERED(
            "where-unanswered",
            Outcome.SKIPPED,
            "compare columns or transforms that the table is partitioned by; give tables of other partitions a where of"
                    + " their own by a rule"),
    DEADLINE_REACHED(
            "deadline-reached",
            Outcome.SKIPPED,
            "set a longer --deadline, or maintain more tables at once with --parallel"),
    EXPIRY_GUARD(
            "expiry-guard",
            Outcome.SKIPPED,
            "look at the plan by --dry-run -v; if it is right, raise the limit that the detail names for one run"),
    TABLE_SHRANK(
            "table-shrank",
            Outcome.SKIPPED,
            "if it is meant, run once with --max-shrink-percent 100; else find the last good snapshot by sink"
                    + " snapshots and go back to it by sink rollback"),
    TABLE_GREW(
            "table-grew",
            Outcome.SKIPPED,
            "if it is meant, run once with a larger --max-growth-percent; else find the last good snapshot by sink"
                    + " snapshots and go back to it by sink rollback"),
    NO_ORPHANS("no-orphans", Outcome.SKIPPED, true),
    ORPHAN_GUARD(
            "orphan-guard",
            Outcome.SKIPPED,
            "find out which metadata file is the table's newest and repair what the detail names; if the sweep is"
                    + " right, raise --max-orphan-bytes-percent for one run"),

    COMMIT_CONFLICT(
            "commit-conflict",
            Outcome.DEFERRED,
            "nothing, the next run tries again; if it loses every time, run while the writers rest"),
    DEFERRED_BUDGET(
            "deferred-budget",
            Outcome.DEFERRED,
            "nothing, the next run gives the table an earlier turn; raise max-run-bytes if the backlog grows"),

    COMMIT_STATE_UNKNOWN(
            "commit-state-unknown",
            Outcome.FAILED,
            "look in sink snapshots whether the snapshot is there; delete nothing by hand, since a later run finishes"),
    REWRITE_ERROR(
            "rewrite-error",
            Outcome.FAILED,
            "look at the file that the detail names: sink verify reads every row; on-unreadable: skip-group rewrites"
                    + " the others"),
    GROUPS_SKIPPED(
            "groups-skipped", Outcome.FAILED, "restore each file that the detail names, or delete it from the table"),
    ROW_PROOF_FAILED(
            "row-proof-failed",
            Outcome.FAILED,
            "nothing was committed; report it with the detail, since it is a bug or faulty memory"),
    ROLLBACK_REFUSED(
            "rollback-refused",
            Outcome.FAILED,
            "choose another snapshot or branch: sink snapshots lists what there is"),
    CLEANUP_INCOMPLETE(
            "cleanup-incomplete",
            Outcome.FAILED,
            "make sure that the files listed as left can be deleted; the next run tries again"),
    EXPIRE_ERROR("expire-error", Outcome.FAILED, "look at the file or the answer that the detail names; -vv says more"),
    VERIFY_FAILED(
            "verify-failed",
            Outcome.FAILED,
            "restore the files that are named, or go back to a snapshot that is whole: sink snapshots TABLE lists them,"
                    + " sink rollback TABLE --to ID --dry-run says whether one is"),
    LOCATION_MISMATCH(
            "location-mismatch",
            Outcome.FAILED,
            "find out whether the two locations are one file; if so, give the table one spelling of its location"),
    MEMORY_BUDGET("memory-budget", Outcome.FAILED, "set -Xmx in SINK_JAVA_OPTS to what the detail says"),
    RUNS_DIED(
            "runs-died",
            Outcome.FAILED,
            "look what ended them: their last words, or the system's log, tell of a lack of memory; then set -Xmx in"
                    + " SINK_JAVA_OPTS and name the table in a run, which tries it"),
    MISSING_FILE(
            "missing-file",
            Outcome.FAILED,
            "list all that is missing by sink verify TABLE; restore it, or go back to a snapshot that is whole: sink"
                    + " snapshots TABLE lists them, sink rollback TABLE --to ID --dry-run says whether one is"),
    INVALID_PROPERTY(
            "invalid-property",
            Outcome.FAILED,
            "set the table property that the detail names to a valid value, or unset it"),
    METADATA_UNREADABLE(
            "metadata-unreadable",
            Outcome.FAILED,
            "restore the metadata file that the detail names, or register the table at an older one that is whole"),
    PERMISSION_DENIED(
            "permission-denied",
            Outcome.FAILED,
            "grant the permission or set the credentials that the detail names; sink check --connect tries them"),
    CATALOG_UNREACHABLE(
            "catalog-unreachable",
            Outcome.FAILED,
            "look whether the catalog is up and its uri is right; sink check --connect tries it"),
    STORAGE_ERROR(
            "storage-error",
            Outcome.FAILED,
            "look whether the storage is up, has room and its endpoint is right; sink check --connect tries it"),
    INTERRUPTED("interrupted", Outcome.FAILED, "run it again: the next run does the rest"),
    INTERNAL_ERROR("internal-error", Outcome.FAILED, "run it again with -vv and report it");

    private final String code;
    private final Outcome outcome;
    private final boolean nothingDue;
    private final String remedy;

    Reason(String code, Outcome outcome) {
        this(code, outcome, false, "");
    }

    Reason(String code, Outcome outcome, boolean nothingDue) {
        this(code, outcome, nothingDue, "");
    }

    Reason(String code, Outcome outcome, String remedy) {
        this(code, outcome, false, remedy);
    }

    Reason(String code, Outcome outcome, boolean nothingDue, String remedy) {
        this.code = code;
        this.outcome = outcome;
        this.nothingDue = nothingDue;
        this.remedy = remedy;
    }

    /** The published code, as it stands in every report. */
    public String code() {
        return code;
    }

    /** The one outcome that this reason can have. */
    public Outcome outcome() {
        return outcome;
    }

    /** Whether the table was looked at and there was nothing to do, which is as good an end as a change. */
    public boolean isNothingDue() {
        return nothingDue;
    }

    /**
     * What the reader of a report does about it: what to look at, to set or to run. Empty if nothing is to be done: the
     * action was done, nothing was due, or the configuration leaves the table out.
     */
    public String remedy() {
        return remedy;
    }

    /** The reason with this published code, or empty. */
    public static Optional<Reason> byCode(String code) {
        return Arrays.stream(values()).filter(r -> r.code.equals(code)).findFirst();
    }
}
