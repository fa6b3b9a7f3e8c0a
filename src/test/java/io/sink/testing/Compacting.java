package io.sink.testing;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.compact.CompactAction;
import io.sink.compact.CompactPolicy;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.outcome.ActionResult;
import io.sink.rewrite.ProofLevel;
import io.sink.settle.SettleAction;
import io.sink.storage.OtherTables;
import io.sink.table.ReadOnlyOperations;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.iceberg.TableOperations;

/** Compacts a table as a run would; two small files are enough. */
public record Compacting(Action<? super CompactPolicy> action, CompactPolicy policy, StopSignal stop, Instant now) {

    public static Compacting small() {
        return with(new CompactAction(new LocalEngine(1, MemoryBudget.work()), InstantSource.system(), "test"));
    }

    public static Compacting with(Action<? super CompactPolicy> action) {
        return new Compacting(action, policy(ProofLevel.FULL), StopSignal.NEVER, Instant.now());
    }

    /** Takes away what dead runs left. */
    public static Compacting settling() {
        return with(new SettleAction(OtherTables.NONE));
    }

    private static CompactPolicy policy(ProofLevel verify) {
        return new CompactPolicy(
                set(2),
                set(1L << 30),
                null,
                set(2),
                set(CompactPolicy.WhenAboveCap.SKIP),
                set(verify),
                set("main"),
                set(CompactPolicy.OnUnreadable.FAIL),
                set(1),
                set(1),
                CompactPolicy.Partitions.ALL);
    }

    private static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    public Compacting at(Instant instant) {
        return new Compacting(action, policy, stop, instant);
    }

    public Compacting withStop(StopSignal signal) {
        return new Compacting(action, policy, signal, now);
    }

    public Compacting onBranch(String branch) {
        return with(policy.verify(), set(branch), policy.onUnreadable(), policy.commitAttempts());
    }

    /** Proves rows and nulls, and not every row. */
    public Compacting counting() {
        return proving(ProofLevel.COUNTS);
    }

    public Compacting proving(ProofLevel level) {
        return with(set(level), policy.branch(), policy.onUnreadable(), policy.commitAttempts());
    }

    /** Leaves a group that cannot be rewritten, and rewrites the others. */
    public Compacting skippingGroups() {
        return with(
                policy.verify(), policy.branch(), set(CompactPolicy.OnUnreadable.SKIP_GROUP), policy.commitAttempts());
    }

    /** Commits again where a race is lost. */
    public Compacting attempting(int attempts) {
        return with(policy.verify(), policy.branch(), policy.onUnreadable(), set(attempts));
    }

    /** Looks at some partitions only. */
    public Compacting in(CompactPolicy.Partitions partitions) {
        return with(policy.verify(), policy.branch(), policy.onUnreadable(), policy.commitAttempts(), partitions);
    }

    /** Compacts in so many waves of so many bytes. */
    public Compacting inWaves(int waves, long bytes) {
        return new Compacting(
                action,
                new CompactPolicy(
                        policy.minDataFiles(),
                        set(bytes),
                        policy.targetFileSizeBytes(),
                        policy.minInputFiles(),
                        policy.whenAboveCap(),
                        policy.verify(),
                        policy.branch(),
                        policy.onUnreadable(),
                        policy.commitAttempts(),
                        set(waves),
                        policy.partitions()),
                stop,
                now);
    }

    private Compacting with(
            Setting<ProofLevel> verify,
            Setting<String> branch,
            Setting<CompactPolicy.OnUnreadable> onUnreadable,
            Setting<Integer> attempts) {
        return with(verify, branch, onUnreadable, attempts, policy.partitions());
    }

    private Compacting with(
            Setting<ProofLevel> verify,
            Setting<String> branch,
            Setting<CompactPolicy.OnUnreadable> onUnreadable,
            Setting<Integer> attempts,
            CompactPolicy.Partitions partitions) {
        return new Compacting(
                action,
                new CompactPolicy(
                        policy.minDataFiles(),
                        policy.maxBytes(),
                        policy.targetFileSizeBytes(),
                        policy.minInputFiles(),
                        policy.whenAboveCap(),
                        verify,
                        branch,
                        onUnreadable,
                        attempts,
                        policy.waves(),
                        partitions),
                stop,
                now);
    }

    public ActionResult execute(TableOperations ops) {
        Decision decision = decide(ops);
        return decision instanceof Decision.Stay stay
                ? stay.result()
                : ((Decision.Go) decision).plan().execute();
    }

    /** As a dry run, on a table that refuses every write. */
    public ActionResult preview(TableOperations ops) {
        Decision decision = decide(new ReadOnlyOperations(ops));
        return decision instanceof Decision.Stay stay
                ? stay.result()
                : ((Decision.Go) decision).plan().preview();
    }

    /** Decides over the table as it is. */
    public Decision decide(TableOperations ops) {
        return action.plan(new Subject("made.t", ops, true, "01RUN" + now.toEpochMilli(), "host", now, stop), policy);
    }
}
