package io.sink.manifests;

import io.sink.action.Setting;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for the manifests of one table.
 *
 * @param minManifests small manifests from which a rewrite is worth it; null: the table's
 *     {@code commit.manifest.min-count-to-merge}, else 100
 * @param branch the branch that was asked for; only {@code main}'s manifests can be rewritten
 */
public record ManifestsPolicy(@Nullable Setting<Integer> minManifests, Setting<String> branch) {}
