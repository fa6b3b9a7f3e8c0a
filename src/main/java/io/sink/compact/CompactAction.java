package io.sink.compact;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.StoppedException;
import io.sink.action.Subject;
import io.sink.commit.SnapshotCommit;
import io.sink.engine.Engine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.rewrite.Footers;
import io.sink.rewrite.GroupChecks;
import io.sink.rewrite.GroupTask;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RewriterSource;
import io.sink.storage.Storage;
import io.sink.table.Failures;
import java.time.InstantSource;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites data files into fewer, larger ones, with a proof before the commit and one attempt at it.
 *
 * @ref LLP 0008#sequence
 */
public final class CompactAction implements Action<CompactPolicy> {
    /** One table keeps its footers in one part in this many of the memory for tables. */
    private static final int FOOTERS = 8;

    private final Engine engine;
    private final InstantSource clock;
    private final String version;
    private final RewriterSource rewriters;
    private final int next;

    /**
     * @param engine runs the groups
     * @param version of the program, for the snapshot's summary
     */
    public CompactAction(Engine engine, InstantSource clock, String version) {
        this(engine, clock, version, RewriterSource.STANDARD);
    }

    /** @param rewriters makes the rewriters, in place of the standard ones */
    CompactAction(Engine engine, InstantSource clock, String version, RewriterSource rewriters) {
        this(engine, clock, version, rewriters, GroupChecks.NEXT);
    }

    /**
     * @param rewriters makes the rewriters, in place of the standard ones
     * @param next data files whose footers are read before the first group begins
     */
    CompactAction(Engine engine, InstantSource clock, String version, RewriterSource rewriters, int next) {
        this.next = next;
        this.engine = engine;
        this.clock = clock;
        this.version = version;
        this.rewriters = rewriters;
    }

    @Override
    public ActionName name() {
        return ActionName.COMPACT;
    }

    @Override
    public Decision plan(Subject subject, CompactPolicy policy) {
        return wave(subject, policy, Waves.first(policy.waves().value()));
    }

    private Decision wave(Subject subject, CompactPolicy policy, Waves waves) {
        try {
            Storage.requireDeletion(subject.ops().io());
            Table table = new BaseTable(subject.ops(), subject.name());
            table.refresh();
            String branch = policy.branch().value();
            Snapshot start =
                    branch.equals(SnapshotRef.MAIN_BRANCH) ? table.currentSnapshot() : branchHead(table, branch);
            GroupChecks checks = GroupPlanner.checks(
                    table,
                    start,
                    policy,
                    new Footers(MemoryBudget.tables().total() / FOOTERS, subject.stop()::check),
                    next);
            PlanDecision decision = new GroupPlanner(
                            checks, subject.now(), subject.stop(), GroupPlanner.MOST_FILES, waves.passed())
                    .plan(table, start, policy);
            return decision instanceof PlanDecision.Stay stay
                    ? new Decision.Stay(ActionResult.of(stay.reason(), stay.detail()))
                    : rewrite(subject, table, (CompactPlan) decision, policy, checks, waves);
        } catch (RuntimeException e) {
            return new Decision.Stay(notPlanned(subject, e));
        }
    }

    /** The result of a plan that could not be made to its end. */
    static ActionResult notPlanned(Subject subject, RuntimeException failure) {
        if (failure instanceof StoppedException) {
            return subject.stop().stopped()
                    ? ActionResult.of(Reason.INTERRUPTED, "stopped while planning; nothing was changed")
                    : ActionResult.of(Reason.DEADLINE_REACHED, "not planned before the deadline");
        }
        return ActionResult.of(
                Failures.reason(failure, otherwise(failure)), "nothing was changed: " + Failures.message(failure));
    }

    /** The reason of a failure to read what a plan needs, if the failure does not tell one. */
    static Reason otherwise(RuntimeException failure) {
        return failure instanceof RuntimeIOException && !Failures.isDamage(failure)
                ? Reason.STORAGE_ERROR
                : Reason.REWRITE_ERROR;
    }

    private Decision rewrite(
            Subject subject, Table table, CompactPlan plan, CompactPolicy policy, GroupChecks checks, Waves waves) {
        SnapshotCommit commit = new SnapshotCommit(subject, version, clock);
        ProofLevel level = policy.verify().value();
        GroupTask task = new GroupTask(
                table,
                subject.runId(),
                rewriters,
                level,
                policy.onUnreadable().value() == CompactPolicy.OnUnreadable.SKIP_GROUP,
                commit.staged().announcer()::announce,
                subject.stop(),
                checks);
        engine.require(checks.seen(plan.groups()), task);
        return new Decision.Go(new Rewrite(
                subject,
                plan,
                level,
                engine,
                task,
                checks,
                commit,
                policy.commitAttempts().value(),
                waves,
                next -> wave(subject, policy, next)));
    }

    private static @Nullable Snapshot branchHead(Table table, String branch) {
        SnapshotRef ref = table.refs().get(branch);
        return ref == null || !ref.isBranch() ? null : table.snapshot(ref.snapshotId());
    }
}
