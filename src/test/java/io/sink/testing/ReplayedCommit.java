package io.sink.testing;

import io.sink.table.DelegatingOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;

/** A table whose catalog commits, lets others in, and answers as a server does whose client sent the request twice. */
public final class ReplayedCommit extends DelegatingOperations {
    private final TableOperations ops;
    private final Runnable others;

    public ReplayedCommit(TableOperations ops, Runnable others) {
        super(ops, ops.io());
        this.ops = ops;
        this.others = others;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        ops.commit(base, metadata);
        others.run();
        throw new CommitFailedException("Commit conflicts with itself");
    }
}
