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
 * Every action there is, each with its part of a table's policy: what it is besides stands in
 * {@link io.sink.outcome.ActionName}. A new action is a line there and one here.
 */
final class Steps {
    private Steps() {}

    /** @param tables who else may have staged files */
    static Step settle(OtherTables tables) {
        return Step.of(new SettleAction(tables), policy -> policy);
    }

    /** @param tables who else may need a file */
    static Step expire(OtherTables tables) {
        return Step.of(new ExpireAction(tables), TablePolicy::expire);
    }

    /** @param parallel file groups at work at once */
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

    /** @param tables who else may need a file */
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
