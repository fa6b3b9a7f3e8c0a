package io.sink.compact;

import io.sink.action.Setting;
import io.sink.action.StopSignal;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.FilesProof;
import io.sink.rewrite.Footers;
import io.sink.rewrite.GroupChecks;
import io.sink.rewrite.GroupRewriter;
import io.sink.rewrite.Proof;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RewriteResult;
import io.sink.rewrite.RowProof;
import io.sink.testing.Attempts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Table;

/** A compaction as the action does it, without journal and settling: plan, rewrite, prove, commit. */
public final class Compaction {
    private Compaction() {}

    /** What was announced and written before the commit. */
    public record Done(CompactPlan plan, List<String> announced, List<RewriteResult> results, Proof proof) {}

    public static CompactPolicy policy(int minDataFiles, int minInputFiles, long target) {
        return new CompactPolicy(
                set(minDataFiles),
                set(10L << 30),
                set(target),
                set(minInputFiles),
                set(WhenAboveCap.SKIP),
                set(ProofLevel.FULL),
                set("main"),
                set(CompactPolicy.OnUnreadable.FAIL),
                set(1),
                set(1),
                CompactPolicy.Partitions.ALL);
    }

    static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    public static PlanDecision plan(Table table, CompactPolicy policy) {
        return plan(table, policy, GroupPlanner.MOST_FILES);
    }

    /** The plan if so many files are looked at one by one. */
    static PlanDecision plan(Table table, CompactPolicy policy, int mostFiles) {
        table.refresh();
        GroupChecks checks =
                GroupPlanner.checks(table, table.currentSnapshot(), policy, new Footers(1 << 20), GroupChecks.NEXT);
        return new GroupPlanner(checks, Instant.now(), StopSignal.NEVER, mostFiles, Set.of())
                .plan(table, table.currentSnapshot(), policy);
    }

    /** Every group of Parquet files is proved by its columns as well, in their order if its pages were merged. */
    private static void proveColumns(Table table, FileGroup group, RewriteResult result) {
        FilesProof.compareRows(table, group, result.outputs());
        if (!result.shares().isEmpty()) {
            FilesProof.compare(table, group, result.outputs());
        }
    }

    public static Done run(Table table, CompactPlan plan, GroupRewriter rewriter) {
        return run(table, plan, rewriter, ProofLevel.FULL);
    }

    public static Done run(Table table, CompactPlan plan, GroupRewriter rewriter, ProofLevel verify) {
        List<String> announced = new ArrayList<>();
        List<RewriteResult> results = new ArrayList<>();
        RewriteFiles commit = table.newRewrite()
                .validateFromSnapshot(plan.startSnapshotId())
                .dataSequenceNumber(plan.startSequenceNumber());
        Proof proof = Proof.none(verify);
        for (FileGroup group : plan.groups()) {
            RewriteResult result = rewriter.rewrite(group, announced::add, () -> false);
            proof = proof.plus(new RowProof(table, Attempts.MEMORY)
                    .prove(group, result, verify, () -> false)
                    .proof());
            if (verify == ProofLevel.FULL) {
                proveColumns(table, group, result);
            }
            results.add(result);
            group.dataFiles().forEach(commit::deleteFile);
            result.outputs().forEach(commit::addFile);
        }
        commit.commit();
        return new Done(plan, announced, results, proof);
    }
}
