package io.sink.rollback;

/**
 * Where a branch goes back to.
 *
 * @param snapshotId one of the branch's earlier snapshots
 * @param branch its name
 */
public record RollbackPolicy(long snapshotId, String branch) {}
