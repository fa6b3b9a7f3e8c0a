package io.sink.outcome;

import org.jspecify.annotations.Nullable;

/**
 * A table's figures at one moment, read from its metadata.
 *
 * @param snapshotId the current snapshot of {@code main}, or null where there is none
 * @param snapshots snapshots that the metadata lists
 * @param refs branches and tags, {@code main} included
 */
public record TableState(@Nullable Long snapshotId, int snapshots, int refs) {}
