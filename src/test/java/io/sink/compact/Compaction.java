package io.sink.compact;

import io.sink.action.Setting;
import io.sink.compact.CompactPolicy.Verify;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Table;

/** A compaction as the action does it, without journal and settling: plan, rewrite, prove, commit. */
final class Compaction {
    private Compaction() {}

    /** What was announced and written before the commit. */
    record Done(CompactPlan plan, List<String> announced, List<RewriteResult> results, Proof proof) {}

    static CompactPolicy policy(int minDataFiles, int minInputFiles, long target) {
        return new CompactPolicy(
                set(minDataFiles),
                set(10L << 30),
                set(target),
                set(minInputFiles),
                set(WhenAboveCap.SKIP),
                set(Verify.FULL),
                set("main"));
    }

    static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    static PlanDecision plan(Table table, CompactPolicy policy) {
        table.refresh();
        return new GroupPlanner(Support.forThisJvm(), new Footers()).plan(table, table.currentSnapshot(), policy);
    }

    static Done run(Table table, CompactPlan plan, GroupRewriter rewriter) {
        return run(table, plan, rewriter, Verify.FULL);
    }

    static Done run(Table table, CompactPlan plan, GroupRewriter rewriter, Verify verify) {
        List<String> announced = new ArrayList<>();
        List<RewriteResult> results = new ArrayList<>();
        RewriteFiles commit = table.newRewrite()
                .validateFromSnapshot(plan.startSnapshotId())
                .dataSequenceNumber(plan.startSequenceNumber());
        Proof proof = Proof.none(verify);
        for (FileGroup group : plan.groups()) {
            RewriteResult result = rewriter.rewrite(group, announced::add, () -> false);
            proof = proof.plus(new RowProof(table).prove(group, result, verify, () -> false));
            results.add(result);
            group.dataFiles().forEach(commit::deleteFile);
            result.outputs().forEach(commit::addFile);
        }
        commit.commit();
        return new Done(plan, announced, results, proof);
    }
}
