package io.sink.testing;

import io.sink.action.Setting;
import io.sink.compact.CompactPolicy;
import io.sink.config.TablePolicy;
import io.sink.deletes.DeletesPolicy;
import io.sink.expire.ExpirePolicy;
import io.sink.manifests.ManifestsPolicy;
import io.sink.orphans.OrphanPolicy;
import io.sink.rewrite.ProofLevel;
import java.time.Duration;
import java.util.Map;

/** What applies to a table where it does not matter what does. */
public final class Policies {
    private Policies() {}

    public static TablePolicy any() {
        return new TablePolicy(
                false,
                false,
                "test",
                Map.of(),
                new ExpirePolicy(
                        null, null, null, null, ExpirePolicy.History.UNGUARDED, set(ExpirePolicy.Exclusive.NONE)),
                new CompactPolicy(
                        set(2),
                        set(1L << 30),
                        null,
                        set(2),
                        set(CompactPolicy.WhenAboveCap.SKIP),
                        set(ProofLevel.COUNTS),
                        set("main"),
                        set(CompactPolicy.OnUnreadable.FAIL),
                        set(1),
                        set(1),
                        CompactPolicy.Partitions.ALL),
                new DeletesPolicy(set(1), set("main")),
                new ManifestsPolicy(null, set("main")),
                new OrphanPolicy(set(Duration.ofDays(3)), set(50)));
    }

    private static <T> Setting<T> set(T value) {
        return new Setting<>(value, "test");
    }
}
