package io.sink.rollback;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.StoppedException;
import io.sink.action.Subject;
import io.sink.outcome.ActionName;
import io.sink.outcome.Reason;
import io.sink.table.Failures;
import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Sets a branch back to one of its earlier snapshots, if every file of that snapshot is there. Deletes nothing: what
 * came after it stays in the table until it expires.
 *
 * @ref LLP 0024#rollback
 */
public final class RollbackAction implements Action<RollbackPolicy> {
    private static final int NEWEST_FORMAT = 3;
    private static final int NAMED = 3;

    @Override
    public ActionName name() {
        return ActionName.ROLLBACK;
    }

    @Override
    public Decision plan(Subject subject, RollbackPolicy policy) {
        TableMetadata base = subject.ops().current();
        if (base.formatVersion() > NEWEST_FORMAT) {
            return Decision.stay(
                    Reason.UNSUPPORTED_FORMAT,
                    "format version %d; this version knows up to %d".formatted(base.formatVersion(), NEWEST_FORMAT));
        }
        SnapshotRef ref = base.ref(policy.branch());
        if (ref == null || !ref.isBranch()) {
            return Decision.stay(
                    Reason.ROLLBACK_REFUSED,
                    ref == null
                            ? "the table has no branch " + policy.branch()
                            : policy.branch() + " is a tag, not a branch");
        }
        Snapshot target = base.snapshot(policy.snapshotId());
        if (target == null) {
            return Decision.stay(
                    Reason.ROLLBACK_REFUSED,
                    "the table has no snapshot %d; sink snapshots lists those that it has"
                            .formatted(policy.snapshotId()));
        }
        if (target.snapshotId() == ref.snapshotId()) {
            return Decision.stay(
                    Reason.NOTHING_TO_ROLL_BACK,
                    "%s is at snapshot %d".formatted(policy.branch(), target.snapshotId()));
        }
        if (!SnapshotUtil.isAncestorOf(ref.snapshotId(), target.snapshotId(), base::snapshot)) {
            return Decision.stay(
                    Reason.ROLLBACK_REFUSED,
                    "snapshot %d is not an ancestor of branch %s, which is at snapshot %d"
                            .formatted(target.snapshotId(), policy.branch(), ref.snapshotId()));
        }
        return plan(subject, policy, base, target, ref.snapshotId());
    }

    private static Decision plan(
            Subject subject, RollbackPolicy policy, TableMetadata base, Snapshot target, long head) {
        try {
            TargetFiles files = TargetFiles.of(target, base, subject.ops().io(), subject.stop());
            if (files.wrong() > 0) {
                return Decision.stay(
                        Reason.ROLLBACK_REFUSED,
                        "nothing was changed: of the %d files of snapshot %d, %d are not as they should be: %s"
                                .formatted(
                                        files.checked(),
                                        target.snapshotId(),
                                        files.wrong(),
                                        String.join("; ", files.some(NAMED))));
            }
            Set<Long> leaving = new HashSet<>();
            for (Snapshot later = base.snapshot(head);
                    later != null && later.snapshotId() != target.snapshotId();
                    later = base.snapshot(later.parentId())) {
                leaving.add(later.snapshotId());
            }
            return new Decision.Go(new RollbackPlan(subject, policy, head, files.checked(), leaving));
        } catch (StoppedException e) {
            return subject.stop().stopped()
                    ? Decision.stay(Reason.INTERRUPTED, "stopped while planning; nothing was changed")
                    : Decision.stay(Reason.DEADLINE_REACHED, "not planned before the deadline");
        } catch (RuntimeException e) {
            return Decision.stay(
                    Failures.reason(e, Reason.METADATA_UNREADABLE), "nothing was changed: " + Failures.message(e));
        }
    }
}
