package io.sink.outcome;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why an action ended as it did: the closed list of published codes, each bound to the one outcome it can have.
 *
 * <p>The outcome is a property of the reason, so that a failure cannot be reported as a skip. Add, never rename.
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

    WOULD_EXPIRE("would-expire", Outcome.PLANNED),
    WOULD_COMPACT("would-compact", Outcome.PLANNED),
    WOULD_REMOVE_DANGLING_DELETES("would-remove-dangling-deletes", Outcome.PLANNED),
    WOULD_REWRITE_MANIFESTS("would-rewrite-manifests", Outcome.PLANNED),
    WOULD_ROLL_BACK("would-roll-back", Outcome.PLANNED),
    WOULD_SETTLE("would-settle", Outcome.PLANNED),
    WOULD_DELETE_ORPHANS("would-delete-orphans", Outcome.PLANNED),
    NOTHING_TO_SETTLE("nothing-to-settle", Outcome.SKIPPED, true),

    NOTHING_TO_ROLL_BACK("nothing-to-roll-back", Outcome.SKIPPED, true),
    NOTHING_TO_EXPIRE("nothing-to-expire", Outcome.SKIPPED, true),
    BELOW_THRESHOLD("below-threshold", Outcome.SKIPPED, true),
    NOTHING_TO_REWRITE("nothing-to-rewrite", Outcome.SKIPPED, true),
    NO_DANGLING_DELETES("no-dangling-deletes", Outcome.SKIPPED, true),
    ABOVE_BYTE_CAP("above-byte-cap", Outcome.SKIPPED),
    EXCLUDED("excluded", Outcome.SKIPPED),
    DUPLICATE_ENTRY("duplicate-entry", Outcome.SKIPPED),
    GC_DISABLED("gc-disabled", Outcome.SKIPPED),
    NO_CURRENT_SNAPSHOT("no-current-snapshot", Outcome.SKIPPED, true),
    NO_TABLE("no-table", Outcome.SKIPPED),
    UNSUPPORTED_FORMAT("unsupported-format", Outcome.SKIPPED),
    UNSUPPORTED_FEATURE("unsupported-feature", Outcome.SKIPPED),
    ENCRYPTED("encrypted", Outcome.SKIPPED),
    DEADLINE_REACHED("deadline-reached", Outcome.SKIPPED),
    EXPIRY_GUARD("expiry-guard", Outcome.SKIPPED),
    TABLE_SHRANK("table-shrank", Outcome.SKIPPED),
    TABLE_GREW("table-grew", Outcome.SKIPPED),
    NO_ORPHANS("no-orphans", Outcome.SKIPPED, true),
    ORPHAN_GUARD("orphan-guard", Outcome.SKIPPED),

    COMMIT_CONFLICT("commit-conflict", Outcome.DEFERRED),
    DEFERRED_BUDGET("deferred-budget", Outcome.DEFERRED),

    COMMIT_STATE_UNKNOWN("commit-state-unknown", Outcome.FAILED),
    REWRITE_ERROR("rewrite-error", Outcome.FAILED),
    GROUPS_SKIPPED("groups-skipped", Outcome.FAILED),
    ROW_PROOF_FAILED("row-proof-failed", Outcome.FAILED),
    ROLLBACK_REFUSED("rollback-refused", Outcome.FAILED),
    CLEANUP_INCOMPLETE("cleanup-incomplete", Outcome.FAILED),
    EXPIRE_ERROR("expire-error", Outcome.FAILED),
    VERIFY_FAILED("verify-failed", Outcome.FAILED),
    LOCATION_MISMATCH("location-mismatch", Outcome.FAILED),
    MEMORY_BUDGET("memory-budget", Outcome.FAILED),
    MISSING_FILE("missing-file", Outcome.FAILED),
    INVALID_PROPERTY("invalid-property", Outcome.FAILED),
    METADATA_UNREADABLE("metadata-unreadable", Outcome.FAILED),
    PERMISSION_DENIED("permission-denied", Outcome.FAILED),
    CATALOG_UNREACHABLE("catalog-unreachable", Outcome.FAILED),
    STORAGE_ERROR("storage-error", Outcome.FAILED),
    INTERRUPTED("interrupted", Outcome.FAILED),
    INTERNAL_ERROR("internal-error", Outcome.FAILED);

    private final String code;
    private final Outcome outcome;
    private final boolean nothingDue;

    Reason(String code, Outcome outcome) {
        this(code, outcome, false);
    }

    Reason(String code, Outcome outcome, boolean nothingDue) {
        this.code = code;
        this.outcome = outcome;
        this.nothingDue = nothingDue;
    }

    /** The published code, as it stands in every report. */
    public String code() {
        return code;
    }

    /** The one outcome that this reason can have. */
    public Outcome outcome() {
        return outcome;
    }

    /** Whether the table was looked at and there was nothing to do: as good an end as a change. */
    public boolean isNothingDue() {
        return nothingDue;
    }

    /** The reason with this published code, or empty. */
    public static Optional<Reason> byCode(String code) {
        return Arrays.stream(values()).filter(r -> r.code.equals(code)).findFirst();
    }
}
