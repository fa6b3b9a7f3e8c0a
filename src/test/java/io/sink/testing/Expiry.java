package io.sink.testing;

import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.expire.ExpireAction;
import io.sink.expire.ExpirePolicy;
import io.sink.expire.OlderThan;
import io.sink.outcome.ActionResult;
import io.sink.table.ReadOnlyOperations;
import java.time.Duration;
import java.time.Instant;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;

/** Expires a table's snapshots as a run would; everything is old unless said otherwise. */
public record Expiry(
        @Nullable Setting<OlderThan> olderThan,
        @Nullable Setting<Integer> retainLast,
        @Nullable Setting<Integer> maxSnapshots,
        @Nullable Setting<Integer> maxPercent,
        ExpirePolicy.History history,
        StopSignal stop,
        Instant now) {

    /** Keeps the last snapshots of each branch and nothing else. */
    public static Expiry keeping(int retainLast) {
        return new Expiry(
                set(new OlderThan.Age(Duration.ZERO)),
                set(retainLast),
                null,
                null,
                ExpirePolicy.History.UNGUARDED,
                StopSignal.NEVER,
                Instant.now());
    }

    /** Asks for nothing: the table's own properties decide. */
    public static Expiry byTable() {
        return new Expiry(null, null, null, null, ExpirePolicy.History.UNGUARDED, StopSignal.NEVER, Instant.now());
    }

    public static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    public Expiry withMaxSnapshots(int most) {
        return new Expiry(olderThan, retainLast, set(most), maxPercent, history, stop, now);
    }

    public Expiry withMaxPercent(int percent) {
        return new Expiry(olderThan, retainLast, maxSnapshots, set(percent), history, stop, now);
    }

    public Expiry withOlderThan(OlderThan age) {
        return new Expiry(set(age), retainLast, maxSnapshots, maxPercent, history, stop, now);
    }

    public Expiry guarding(ExpirePolicy.History guards) {
        return new Expiry(olderThan, retainLast, maxSnapshots, maxPercent, guards, stop, now);
    }

    public Expiry withStop(StopSignal signal) {
        return new Expiry(olderThan, retainLast, maxSnapshots, maxPercent, history, signal, now);
    }

    public Expiry at(Instant instant) {
        return new Expiry(olderThan, retainLast, maxSnapshots, maxPercent, history, stop, instant);
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

    private Decision decide(TableOperations ops) {
        return new ExpireAction()
                .plan(
                        new Subject("made.t", ops, true, "01RUN" + now.toEpochMilli(), "host", now, stop),
                        new ExpirePolicy(olderThan, retainLast, maxSnapshots, maxPercent, history));
    }
}
