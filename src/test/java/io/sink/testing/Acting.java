package io.sink.testing;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.action.Setting;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.deletes.DeletesAction;
import io.sink.deletes.DeletesPolicy;
import io.sink.manifests.ManifestsAction;
import io.sink.manifests.ManifestsPolicy;
import io.sink.outcome.ActionResult;
import io.sink.table.ReadOnlyOperations;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.iceberg.TableOperations;

/** Does an action to a table as a run would. */
public record Acting<P>(Action<P> action, P policy, StopSignal stop, Instant now) {

    /** Removes every delete file of {@code main} that dangles. */
    public static Acting<DeletesPolicy> removingDanglingDeletes() {
        return removingDanglingDeletes("main", 1);
    }

    public static Acting<DeletesPolicy> removingDanglingDeletes(String branch, int least) {
        return of(new DeletesAction(InstantSource.system(), "test"), new DeletesPolicy(set(least), set(branch)));
    }

    /** Rewrites manifests from this many small ones on. */
    public static Acting<ManifestsPolicy> rewritingManifests(int least) {
        return of(new ManifestsAction(InstantSource.system(), "test"), new ManifestsPolicy(set(least), set("main")));
    }

    public static <P> Acting<P> of(Action<P> action, P policy) {
        return new Acting<>(action, policy, StopSignal.NEVER, Instant.now());
    }

    public static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }

    public Acting<P> at(Instant instant) {
        return new Acting<>(action, policy, stop, instant);
    }

    public Acting<P> withStop(StopSignal signal) {
        return new Acting<>(action, policy, signal, now);
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

    /** The plan, for others to change the table before it is executed. */
    public Plan plan(TableOperations ops) {
        return ((Decision.Go) decide(ops)).plan();
    }

    private Decision decide(TableOperations ops) {
        return action.plan(new Subject("made.t", ops, true, "01RUN" + now.toEpochMilli(), "host", now, stop), policy);
    }
}
