package io.sink.manifests;

import io.sink.action.Setting;
import io.sink.action.SettingKey;
import io.sink.action.SettingLookup;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the manifests of one table.
 *
 * @param minManifests small manifests from which a rewrite is worth it; null: the table's
 *     {@code commit.manifest.min-count-to-merge}, else 100
 * @param branch the branch that was asked for; only {@code main}'s manifests can be rewritten
 */
public record ManifestsPolicy(@Nullable Setting<Integer> minManifests, Setting<String> branch) {
    private static final SettingKey<Integer> MIN_MANIFESTS = SettingKey.count("manifests", "min-manifests")
            .decidedBy("table property commit.manifest.min-count-to-merge, else Iceberg default")
            .flag(
                    "N",
                    "Rewrite manifests if there are at least N small ones. Default: as configured, else the table's"
                            + " commit.manifest.min-count-to-merge, else 100.");

    /** The settings of this policy, except for the branch, which a compaction has too. */
    public static final List<SettingKey<?>> KEYS = List.of(MIN_MANIFESTS);

    /** The policy that these settings make. */
    public static ManifestsPolicy of(SettingLookup settings) {
        return new ManifestsPolicy(settings.find(MIN_MANIFESTS), settings.get(SettingKey.BRANCH));
    }
}
