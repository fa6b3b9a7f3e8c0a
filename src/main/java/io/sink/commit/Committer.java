package io.sink.commit;

import io.sink.storage.CommitFiles;
import io.sink.storage.OutgoingMetadata;
import io.sink.table.Failures;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a commit once and finds out what became of it.
 *
 * @ref LLP 0006#one-attempt
 */
public final class Committer {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

    private Committer() {}

    /**
     * Commits {@code updated} over {@code base}, once.
     *
     * <p>A failure is not believed until the table was read again: a REST client that replays its request after a 503
     * reports a commit that was applied as a conflict (Iceberg issues 14583, 12818).
     *
     * @param landed whether the change is in the metadata given to it; must be true of nothing but this change or one
     *     that makes it superfluous
     * @param announce receives the location of every file that the catalog's client creates for this commit, before it
     *     is created
     */
    public static CommitResult commit(
            TableOperations ops,
            TableMetadata base,
            TableMetadata updated,
            Predicate<TableMetadata> landed,
            Consumer<String> announce) {
        try {
            CommitFiles.during(new OutgoingMetadata(base, ops.io()), announce, () -> ops.commit(base, updated));
        } catch (CommitFiles.NothingSentException notSent) {
            return new CommitResult.Rejected(notSent);
        } catch (RuntimeException failure) {
            return settle(ops, failure, landed);
        }
        return shown(ops, landed);
    }

    /**
     * Looks for the change in the table after the catalog called it committed. If the table cannot be read, the catalog
     * is believed. If the table was read twice and does not have the change, it may still come, or never.
     */
    private static CommitResult shown(TableOperations ops, Predicate<TableMetadata> landed) {
        boolean there;
        try {
            there = landed.test(ops.current()) || landed.test(ops.refresh());
        } catch (RuntimeException unreadable) {
            LOG.debug("the table could not be read after its commit", unreadable);
            there = true;
        }
        return there
                ? new CommitResult.Committed()
                : new CommitResult.Unknown(new IllegalStateException(
                        "the catalog said that the commit was made, and the table does not show it"));
    }

    /** Iceberg's client has no metadata of a table that was dropped, and says so in an exception only once. */
    private static TableMetadata refreshed(TableOperations ops) {
        TableMetadata now = ops.refresh();
        if (now == null) {
            throw new NoSuchTableException("The table was dropped or renamed");
        }
        return now;
    }

    private static CommitResult settle(TableOperations ops, RuntimeException failure, Predicate<TableMetadata> landed) {
        boolean hasLanded;
        try {
            hasLanded = landed.test(refreshed(ops));
        } catch (RuntimeException unreadable) {
            failure.addSuppressed(unreadable);
            if (failure instanceof CommitFailedException && Failures.isGone(unreadable)) {
                return new CommitResult.Gone(failure);
            }
            return new CommitResult.Unknown(failure);
        }
        if (hasLanded) {
            LOG.info("commit was reported as failed and is in the table: {}", failure.toString());
            return new CommitResult.Committed();
        }
        // Absence proves something only where the catalog itself said no: after a lost answer the request may still be
        // on its way.
        if (failure instanceof CommitFailedException) {
            return new CommitResult.Conflict(failure);
        }
        if (failure instanceof CleanableFailure || Failures.isBusyDatabase(failure)) {
            return new CommitResult.Rejected(failure);
        }
        return new CommitResult.Unknown(failure);
    }
}
