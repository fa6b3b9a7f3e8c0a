package io.sink.testing;

import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.expire.ExpireAction;
import io.sink.expire.ExpirePolicy;
import io.sink.expire.OlderThan;
import io.sink.outcome.ActionResult;
import io.sink.storage.OtherTables;
import io.sink.table.ReadOnlyOperations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
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
        Instant now,
        Among among) {

    /** The table's name among others, and the places that the operator gave to it. */
    private record Among(String name, OtherTables others, ExpirePolicy.Exclusive exclusive) {
        static final Among NOBODY = new Among("made.t", OtherTables.NONE, ExpirePolicy.Exclusive.NONE);
    }

    /** Keeps the last snapshots of each branch and nothing else. */
    public static Expiry keeping(int retainLast) {
        return new Expiry(
                set(new OlderThan.Age(Duration.ZERO)),
                set(retainLast),
                null,
                null,
                ExpirePolicy.History.UNGUARDED,
                StopSignal.NEVER,
                Instant.now(),
                Among.NOBODY);
    }

    /** Asks for nothing: the table's own properties decide. */
    public static Expiry byTable() {
        return new Expiry(
                null, null, null, null, ExpirePolicy.History.UNGUARDED, StopSignal.NEVER, Instant.now(), Among.NOBODY);
    }

    public static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    public Expiry withMaxSnapshots(int most) {
        return new Expiry(olderThan, retainLast, set(most), maxPercent, history, stop, now, among);
    }

    public Expiry withMaxPercent(int percent) {
        return new Expiry(olderThan, retainLast, maxSnapshots, set(percent), history, stop, now, among);
    }

    public Expiry withOlderThan(OlderThan age) {
        return new Expiry(set(age), retainLast, maxSnapshots, maxPercent, history, stop, now, among);
    }

    public Expiry guarding(ExpirePolicy.History guards) {
        return new Expiry(olderThan, retainLast, maxSnapshots, maxPercent, guards, stop, now, among);
    }

    public Expiry withStop(StopSignal signal) {
        return new Expiry(olderThan, retainLast, maxSnapshots, maxPercent, history, signal, now, among);
    }

    public Expiry at(Instant instant) {
        return new Expiry(olderThan, retainLast, maxSnapshots, maxPercent, history, stop, instant, among);
    }

    /** The expiry of the table of this name, which knows of others. */
    public Expiry of(String name, OtherTables others) {
        return new Expiry(
                olderThan,
                retainLast,
                maxSnapshots,
                maxPercent,
                history,
                stop,
                now,
                new Among(name, others, among.exclusive()));
    }

    /** With places that the operator gave to the table. */
    public Expiry withExclusive(String... locations) {
        return new Expiry(
                olderThan,
                retainLast,
                maxSnapshots,
                maxPercent,
                history,
                stop,
                now,
                new Among(among.name(), among.others(), new ExpirePolicy.Exclusive(List.of(locations))));
    }

    public ActionResult execute(TableOperations ops) {
        return execute(ops, uuid -> false);
    }

    /** Where tables with these UUIDs are known. */
    public ActionResult execute(TableOperations ops, Predicate<String> knownUuid) {
        Decision decision = decide(ops, knownUuid);
        return decision instanceof Decision.Stay stay
                ? stay.result()
                : ((Decision.Go) decision).plan().execute();
    }

    /** As a dry run, on a table that refuses every write. */
    public ActionResult preview(TableOperations ops) {
        Decision decision = decide(new ReadOnlyOperations(ops), uuid -> false);
        return decision instanceof Decision.Stay stay
                ? stay.result()
                : ((Decision.Go) decision).plan().preview();
    }

    private Decision decide(TableOperations ops, Predicate<String> knownUuid) {
        return new ExpireAction(new KnownUuids(knownUuid, among.others()), InstantSource.system())
                .plan(
                        new Subject(among.name(), ops, true, "01RUN" + now.toEpochMilli(), "host", now, stop),
                        new ExpirePolicy(
                                olderThan, retainLast, maxSnapshots, maxPercent, history, set(among.exclusive())));
    }
}
