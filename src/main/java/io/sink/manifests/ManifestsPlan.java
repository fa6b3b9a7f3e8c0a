package io.sink.manifests;

import java.util.List;

/**
 * The rewrite that a policy asks for: what a dry run prints is what a run executes.
 *
 * @param allManifests data manifests of {@code main}'s snapshot
 * @param small those of them that are below three quarters of the target size
 * @param targetBytes size of a manifest to write
 * @param groups what is to be rewritten
 * @param backlog small manifests that a later run takes
 */
record ManifestsPlan(long allManifests, int small, long targetBytes, List<ManifestGroup> groups, int backlog) {
    ManifestsPlan {
        groups = List.copyOf(groups);
    }

    int manifests() {
        return groups.stream().mapToInt(group -> group.manifests().size()).sum();
    }

    int expected() {
        return groups.stream().mapToInt(group -> group.clusters().count()).sum();
    }

    long bytes() {
        return groups.stream().mapToLong(ManifestGroup::bytes).sum();
    }

    long files() {
        return groups.stream().mapToLong(ManifestGroup::files).sum();
    }
}
