package io.sink.rollback;

import io.sink.action.Plan;
import io.sink.action.Subject;
import io.sink.commit.CommitResult;
import io.sink.commit.Committer;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.table.Failures;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;

/** The one commit that sets a branch back, and what came of it. */
final class RollbackPlan implements Plan {
    private final Subject subject;
    private final RollbackPolicy policy;
    private final long head;
    private final Set<Long> leaving;
    private final String detail;

    /**
     * @param head the branch's snapshot when this was planned
     * @param files how many files the target has, all of which were seen to be there
     * @param leaving ids of the snapshots that leave the branch, {@code head} among them
     */
    RollbackPlan(Subject subject, RollbackPolicy policy, long head, long files, Set<Long> leaving) {
        this.subject = subject;
        this.policy = policy;
        this.head = head;
        this.leaving = leaving;
        this.detail = ("%s from snapshot %d back to %d, all of its files (%d) are there; snapshots that leave it"
                        + " and stay in the table until they expire: %d")
                .formatted(policy.branch(), head, policy.snapshotId(), files, leaving.size());
    }

    @Override
    public ActionResult preview() {
        return ActionResult.of(Reason.WOULD_ROLL_BACK, detail);
    }

    @Override
    public ActionResult execute() {
        TableOperations ops = subject.ops();
        StagedFiles staged = new StagedFiles(ops, subject.runId(), Owner.current(), Instant::now);
        CommitResult result;
        try {
            TableMetadata now = ops.refresh();
            ActionResult refused = refused(now);
            if (refused != null) {
                return refused;
            }
            TableMetadata updated = TableMetadata.buildFrom(now)
                    .setBranchSnapshot(policy.snapshotId(), policy.branch())
                    .build();
            result = Committer.commit(ops, now, updated, this::isBack, staged::announceMetadata);
        } catch (RuntimeException e) {
            return ActionResult.of(
                    Failures.reason(e, Reason.METADATA_UNREADABLE), "nothing was changed: " + Failures.message(e));
        }
        return settled(staged, result);
    }

    /** Why the commit is not even sent, or null. */
    private @Nullable ActionResult refused(TableMetadata now) {
        if (subject.stop().stopped()) {
            return ActionResult.of(Reason.INTERRUPTED, "stopped before the commit; nothing was changed");
        }
        if (subject.stop().pastDeadline()) {
            return ActionResult.of(Reason.DEADLINE_REACHED, "planned and not begun before the deadline");
        }
        SnapshotRef ref = now.ref(policy.branch());
        boolean same = ref != null && ref.snapshotId() == head && now.snapshot(policy.snapshotId()) != null;
        return same
                ? null
                : ActionResult.of(
                        Reason.ROLLBACK_REFUSED,
                        "nothing was changed: another writer changed %s after this was planned; it was at %d"
                                .formatted(policy.branch(), head));
    }

    /**
     * Whether the branch is at the target, or was built on it with other snapshots than those that leave it: other
     * writers may have built on this commit before the table is read again.
     *
     * @throws IllegalStateException if that cannot be told, since the branch or one of its ancestors is gone
     */
    private boolean isBack(TableMetadata metadata) {
        SnapshotRef ref = metadata.ref(policy.branch());
        Long id = ref == null ? null : Long.valueOf(ref.snapshotId());
        while (id != null && id != policy.snapshotId()) {
            if (leaving.contains(id)) {
                return false;
            }
            Snapshot snapshot = metadata.snapshot(id);
            id = snapshot == null ? null : snapshot.parentId();
        }
        if (id == null) {
            throw new IllegalStateException(
                    "%s is elsewhere now, and what it came from cannot be told".formatted(policy.branch()));
        }
        return true;
    }

    private ActionResult settled(StagedFiles staged, CommitResult result) {
        if (result instanceof CommitResult.Unknown unknown) {
            return left(
                    Reason.COMMIT_STATE_UNKNOWN,
                    ("the catalog did not say whether %s was set back, so nothing was deleted; journal %s lets a"
                                    + " later run finish: %s")
                            .formatted(policy.branch(), staged.journal(), Failures.message(unknown.cause())),
                    staged.files());
        }
        if (result instanceof CommitResult.Gone gone) {
            return left(
                    Reason.ROLLBACK_REFUSED,
                    "nothing was changed, since the table was dropped, renamed or created anew: "
                            + Failures.message(gone.cause()),
                    staged.files());
        }
        if (result instanceof CommitResult.Conflict lost) {
            // A failure, unlike other lost races: no later run would do the rollback.
            return left(
                    Reason.ROLLBACK_REFUSED,
                    "nothing was changed, since another writer won: " + Failures.message(lost.cause()),
                    away(staged));
        }
        if (result instanceof CommitResult.Rejected refused) {
            return left(
                    Failures.reason(refused.cause(), Reason.METADATA_UNREADABLE),
                    "nothing was changed: " + Failures.message(refused.cause()),
                    away(staged));
        }
        Map<String, String> open = staged.isEmpty() ? Map.of() : staged.settled();
        return left(Reason.ROLLED_BACK, detail, described(open));
    }

    private static List<String> away(StagedFiles staged) {
        return staged.isEmpty() ? List.of() : described(staged.takeAway().left());
    }

    private static List<String> described(Map<String, String> left) {
        return left.entrySet().stream()
                .map(file -> file.getKey() + " (" + file.getValue() + ")")
                .toList();
    }

    /** The result. A success that leaves files behind becomes {@code cleanup-incomplete}. */
    private static ActionResult left(Reason reason, String detail, List<String> left) {
        boolean graver = !left.isEmpty() && reason.outcome() != Outcome.FAILED;
        return new ActionResult(
                graver ? Reason.CLEANUP_INCOMPLETE : reason,
                (graver ? reason.code() + ", and files of the commit are left: " : "") + detail,
                Effect.of(Counter.FILES_LEFT, left.size()),
                new ActionResult.Files(List.of(), List.of(), left),
                null);
    }
}
