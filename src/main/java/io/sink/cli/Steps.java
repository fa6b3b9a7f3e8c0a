package io.sink.cli;

import io.sink.compact.CompactAction;
import io.sink.config.TablePolicy;
import io.sink.deletes.DeletesAction;
import io.sink.engine.LocalEngine;
import io.sink.expire.ExpireAction;
import io.sink.manifests.ManifestsAction;
import io.sink.run.Step;
import io.sink.settle.SettleAction;
import io.sink.storage.OtherTables;
import java.time.Clock;

/** The actions of a maintenance, each with its part of a table's policy. */
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
                new CompactAction(new LocalEngine(parallel), Clock.systemUTC(), Version.current()),
                TablePolicy::compact);
    }

    static Step removeDanglingDeletes() {
        return Step.of(new DeletesAction(Clock.systemUTC(), Version.current()), TablePolicy::deletes);
    }

    static Step rewriteManifests() {
        return Step.of(new ManifestsAction(Clock.systemUTC(), Version.current()), TablePolicy::manifests);
    }
}
