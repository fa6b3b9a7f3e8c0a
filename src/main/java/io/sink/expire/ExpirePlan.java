package io.sink.expire;

import io.sink.action.Plan;
import io.sink.action.Subject;
import io.sink.commit.CommitResult;
import io.sink.commit.Committer;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.table.Failures;
import io.sink.text.Human;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.util.Tasks;

/**
 * The expiry of one table, down to the file.
 *
 * <p>The order is what makes it safe: journal, commit without cleanup, look again, delete, look again, drop the
 * journal. A run that dies anywhere on the way leaves either the table as it was, or a journal that the next run
 * finishes.
 *
 * @ref LLP 0006#expire-sequence
 */
final class ExpirePlan implements Plan {
    private final Subject subject;
    private final Retention retention;
    private final ExpiryTarget target;
    private final TableMetadata base;
    private final Deletion deletion;
    private final Map<String, String> strays = new TreeMap<>();
    private String strayJournal = "";

    ExpirePlan(Subject subject, Retention retention, ExpiryTarget target, TableMetadata base, Deletion deletion) {
        this.subject = subject;
        this.retention = retention;
        this.target = target;
        this.base = base;
        this.deletion = deletion;
    }

    @Override
    public ActionResult preview() {
        return deletion.preview();
    }

    @Override
    public ActionResult execute() {
        if (target.isEmpty()) {
            return deletion.after(target, base);
        }
        try {
            deletion.promise(base);
        } catch (RuntimeException e) {
            return deletion.withoutJournal(unchanged(Failures.reason(e, Reason.EXPIRE_ERROR), e));
        }
        return withStrays(commit());
    }

    /**
     * Tries again only after a commit conflict, as often as the table's own properties allow.
     *
     * @ref LLP 0006#one-attempt
     */
    private ActionResult commit() {
        AtomicReference<ActionResult> result = new AtomicReference<>();
        try {
            Tasks.foreach(target)
                    .retry(base.propertyAsInt(
                            TableProperties.COMMIT_NUM_RETRIES, TableProperties.COMMIT_NUM_RETRIES_DEFAULT))
                    .exponentialBackoff(
                            base.propertyAsInt(
                                    TableProperties.COMMIT_MIN_RETRY_WAIT_MS,
                                    TableProperties.COMMIT_MIN_RETRY_WAIT_MS_DEFAULT),
                            base.propertyAsInt(
                                    TableProperties.COMMIT_MAX_RETRY_WAIT_MS,
                                    TableProperties.COMMIT_MAX_RETRY_WAIT_MS_DEFAULT),
                            base.propertyAsInt(
                                    TableProperties.COMMIT_TOTAL_RETRY_TIME_MS,
                                    TableProperties.COMMIT_TOTAL_RETRY_TIME_MS_DEFAULT),
                            2.0)
                    .onlyRetryOn(LostRace.class)
                    .throwFailureWhenFinished()
                    .run(wanted -> result.set(attempt(wanted)));
        } catch (LostRace e) {
            return deletion.withoutJournal(unchanged(Reason.COMMIT_CONFLICT, e));
        }
        return Objects.requireNonNull(result.get());
    }

    private ActionResult attempt(ExpiryTarget wanted) {
        TableOperations ops = subject.ops();
        if (subject.stop().stopped()) {
            return deletion.withoutJournal(
                    ActionResult.of(Reason.INTERRUPTED, "stopped before the commit; nothing was changed"));
        }
        TableMetadata now;
        ExpiryTarget due;
        try {
            now = ops.refresh();
            due = ExpiryTarget.between(now, retention.applyTo(now, ops.io())).and(wanted);
        } catch (RuntimeException e) {
            return deletion.withoutJournal(unchanged(Failures.reason(e, Reason.EXPIRE_ERROR), e));
        }
        if (subject.stop().pastDeadline()) {
            return deletion.withoutJournal(
                    ActionResult.of(Reason.DEADLINE_REACHED, "planned and not begun before the deadline"));
        }
        if (due.isEmpty()) {
            return deletion.after(due, now);
        }
        StagedFiles staged = new StagedFiles(ops, subject.runId(), Owner.current(), Instant::now);
        CommitResult result = Committer.commit(ops, now, due.takeFrom(now), due::goneFrom, staged::announceMetadata);
        settle(staged, result);
        if (result instanceof CommitResult.Conflict lost) {
            throw new LostRace(lost.cause());
        }
        if (result instanceof CommitResult.Rejected refused) {
            return deletion.withoutJournal(
                    unchanged(Failures.reason(refused.cause(), Reason.EXPIRE_ERROR), refused.cause()));
        }
        if (result instanceof CommitResult.Gone gone) {
            return ActionResult.of(
                    Reason.NO_TABLE,
                    "the table was dropped, renamed or created anew before its snapshots expired, and nothing was"
                            + " deleted: " + Failures.message(gone.cause()));
        }
        if (result instanceof CommitResult.Unknown unknown) {
            return ActionResult.of(
                    Reason.COMMIT_STATE_UNKNOWN,
                    ("the catalog did not say whether %s expired, so nothing was deleted; journal %s"
                                    + " lets a later run finish: %s")
                            .formatted(
                                    Human.count(due.snapshotIds().size(), "snapshot"),
                                    deletion.journal(),
                                    Failures.message(unknown.cause())));
        }
        return deletion.after(due, now);
    }

    /** Deletes the metadata file of a commit that was lost, and its journal entry. */
    private void settle(StagedFiles staged, CommitResult result) {
        if (staged.isEmpty()) {
            return;
        }
        if (result instanceof CommitResult.Unknown) {
            staged.files().forEach(file -> strays.put(file, "stays, since its commit may have landed"));
        } else if (result instanceof CommitResult.Gone) {
            staged.there().forEach(file -> strays.put(file, "stays, since the table is gone"));
        } else if (result instanceof CommitResult.Committed) {
            strays.putAll(staged.settled());
        } else {
            strays.putAll(staged.takeAway().left());
        }
        strayJournal = strays.isEmpty() ? "" : "journal " + staged.journal() + " lets a later run delete them";
    }

    /** Adds the files that the commit itself left. With any of them, a success becomes {@code cleanup-incomplete}. */
    private ActionResult withStrays(ActionResult result) {
        if (strays.isEmpty()) {
            return result;
        }
        List<String> left = new ArrayList<>(result.files().left());
        strays.forEach((file, why) -> left.add(file + " (" + why + ")"));
        boolean graver = result.outcome() != Outcome.FAILED;
        return new ActionResult(
                graver ? Reason.CLEANUP_INCOMPLETE : result.reason(),
                graver
                        ? ExpireAction.joined(
                                result.reason().code() + ": files of the commit are left",
                                strayJournal,
                                result.detail())
                        : ExpireAction.joined(result.detail(), strayJournal),
                result.effect().plus(Counter.FILES_LEFT, strays.size()),
                new ActionResult.Files(result.files().staged(), result.files().deleted(), left),
                result.committedSnapshotId());
    }

    /** Another writer changed the table between the refresh and the commit. */
    private static final class LostRace extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostRace(RuntimeException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private static ActionResult unchanged(Reason reason, RuntimeException cause) {
        return ActionResult.of(reason, "nothing was changed: " + Failures.message(cause));
    }
}
