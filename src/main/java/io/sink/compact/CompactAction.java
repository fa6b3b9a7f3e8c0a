package io.sink.compact;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Subject;
import io.sink.engine.Engine;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.rewrite.Footers;
import io.sink.rewrite.PageRewriter;
import io.sink.rewrite.RecordRewriter;
import io.sink.rewrite.RewriterChoice.Rewriters;
import io.sink.rewrite.Support;
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
    private final Engine engine;
    private final InstantSource clock;
    private final String version;
    private final RewriterSource rewriters;

    /** Makes the rewriters for a table and a run; tests put broken ones in their place. */
    @FunctionalInterface
    interface RewriterSource {
        Rewriters rewriters(Table table, String runId, Footers footers);
    }

    /**
     * @param engine runs the groups
     * @param version of the program, for the snapshot's summary
     */
    public CompactAction(Engine engine, InstantSource clock, String version) {
        this(
                engine,
                clock,
                version,
                (table, runId, footers) ->
                        new Rewriters(new PageRewriter(table, runId, footers), new RecordRewriter(table, runId)));
    }

    CompactAction(Engine engine, InstantSource clock, String version, RewriterSource rewriters) {
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
        try {
            Storage.requireDeletion(subject.ops().io());
            Table table = new BaseTable(subject.ops(), subject.name());
            table.refresh();
            String branch = policy.branch().value();
            Snapshot start =
                    branch.equals(SnapshotRef.MAIN_BRANCH) ? table.currentSnapshot() : branchHead(table, branch);
            Footers footers = new Footers();
            PlanDecision decision = new GroupPlanner(Support.forThisJvm(), footers).plan(table, start, policy);
            if (decision instanceof PlanDecision.Stay stay) {
                return new Decision.Stay(ActionResult.of(stay.reason(), stay.detail()));
            }
            return new Decision.Go(new Rewrite(
                    subject,
                    (CompactPlan) decision,
                    policy.verify().value(),
                    engine,
                    clock,
                    version,
                    rewriters.rewriters(table, subject.runId(), footers)));
        } catch (RuntimeException e) {
            Reason otherwise = e instanceof RuntimeIOException ? Reason.STORAGE_ERROR : Reason.METADATA_UNREADABLE;
            return new Decision.Stay(
                    ActionResult.of(Failures.reason(e, otherwise), "nothing was changed: " + Failures.message(e)));
        }
    }

    private static @Nullable Snapshot branchHead(Table table, String branch) {
        SnapshotRef ref = table.refs().get(branch);
        return ref == null || !ref.isBranch() ? null : table.snapshot(ref.snapshotId());
    }
}
