package io.sink.cli;

import io.sink.compact.CompactAction;
import io.sink.config.TablePolicy;
import io.sink.deletes.DeletesAction;
import io.sink.engine.LocalEngine;
import io.sink.engine.MemoryBudget;
import io.sink.expire.ExpireAction;
import io.sink.inspect.InspectAction;
import io.sink.manifests.ManifestsAction;
import io.sink.orphans.OrphansAction;
import io.sink.rollback.RollbackAction;
import io.sink.rollback.RollbackPolicy;
import io.sink.run.Step;
import io.sink.settle.SettleAction;
import io.sink.storage.OtherTables;
import io.sink.verify.VerifyAction;
import io.sink.verify.VerifyPolicy;
import java.time.Clock;

/**
 * Makes the steps of a run: each action with its part of a table's policy. A new action needs a line here and one in
 * {@link io.sink.outcome.ActionName}.
 */
final class Steps {
    private Steps() {}

    /** @param tables other tables, which may have staged files too */
    static Step settle(OtherTables tables) {
        return Step.of(new SettleAction(tables), policy -> policy);
    }

    /** @param tables other tables, which may need a file of this one */
    static Step expire(OtherTables tables) {
        return Step.of(new ExpireAction(tables, Clock.systemUTC()), TablePolicy::expire);
    }

    /** @param parallel how many file groups are rewritten at once */
    static Step compact(int parallel) {
        return Step.of(
                new CompactAction(new LocalEngine(parallel, MemoryBudget.work()), Clock.systemUTC(), Version.current()),
                TablePolicy::compact);
    }

    static Step removeDanglingDeletes() {
        return Step.of(new DeletesAction(Clock.systemUTC(), Version.current()), TablePolicy::deletes);
    }

    static Step rewriteManifests() {
        return Step.of(new ManifestsAction(Clock.systemUTC(), Version.current()), TablePolicy::manifests);
    }

    /** @param tables other tables, which may need a file of this one */
    static Step orphans(OtherTables tables) {
        return Step.of(new OrphansAction(tables), TablePolicy::orphans);
    }

    static Step rollback(RollbackPolicy policy) {
        return Step.of(new RollbackAction(), any -> policy);
    }

    static Step verify(VerifyPolicy policy) {
        return Step.of(new VerifyAction(), any -> policy);
    }

    static Step inspect() {
        return Step.of(new InspectAction(), policy -> policy);
    }
}
