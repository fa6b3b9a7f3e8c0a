package io.sink.commit;

import io.sink.action.ProofFailedException;
import io.sink.action.StoppedException;
import io.sink.action.Subject;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.storage.TakenAway;
import io.sink.table.Failures;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.util.ThreadPools;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attempt to commit a snapshot, more than one only where that was asked for, and its result. However it ends, the
 * staged files are deleted, unless it is unknown whether the commit was made. Single use.
 *
 * @ref LLP 0006#one-attempt
 */
public final class SnapshotCommit {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotCommit.class);

    private final Subject subject;
    private final String version;
    private final StagedFiles staged;

    /**
     * @param version of the program, for the snapshot's summary
     * @param clock by which the promise of the staged files runs out
     */
    public SnapshotCommit(Subject subject, String version, InstantSource clock) {
        this.subject = subject;
        this.version = version;
        this.staged = new StagedFiles(subject.ops(), subject.runId(), Owner.current(), clock);
    }

    /** What is to be committed. */
    public interface Change {

        /** The change to this table, complete except for who makes it. Asked anew for each attempt. */
        SnapshotUpdate<?> on(Table table);

        /**
         * What it does to the entries of its branch. Asked once after each {@link #on}; what the snapshot really does
         * is compared with it before anything is sent.
         *
         * @ref LLP 0021#counted
         */
        CountedEntries.Intent intent();

        /** Whether Iceberg may also merge manifests in the commit, as the table's properties say. */
        default boolean mergesManifests() {
            return false;
        }

        /**
         * Looks at the snapshot as it would be, with its manifests written, before anything is sent.
         *
         * @param base the metadata that it builds on
         * @throws ProofFailedException if it is not what it has to be
         */
        default void rehearsed(TableMetadata base, Snapshot next) {}

        /**
         * Looks once more, right before the request: the last moment at which nothing has been sent.
         *
         * @param base the metadata that it builds on, which may be newer than that of the rehearsal
         * @throws ValidationException if others changed what it depends on
         * @throws ProofFailedException if it is not what it has to be
         */
        void lastLook(TableMetadata base, Snapshot next);
    }

    /** The staged files of the commit. Announce every file to it before it is created. */
    public StagedFiles staged() {
        return staged;
    }

    /**
     * Commits once.
     *
     * @param committed makes the result if the commit landed, from the snapshot's id; it still has to settle what is
     *     staged
     */
    public ActionResult once(Change change, LongFunction<ActionResult> committed) {
        return within(1, change, committed);
    }

    /**
     * Commits, and again on newer metadata for as long as others win the race and nothing else speaks against it.
     * Before each further attempt the one before is known to have had no effect, and every look is taken anew.
     *
     * @param attempts how often at most
     * @param committed as of {@link #once}
     * @ref LLP 0028#no-blind-retry
     */
    public ActionResult within(int attempts, Change change, LongFunction<ActionResult> committed) {
        int attempt = 1;
        while (true) {
            AtomicReference<@Nullable CountedEntries> entries = new AtomicReference<>();
            SettlingOperations once = new SettlingOperations(
                    subject.ops(),
                    staged::announce,
                    staged::announceMetadata,
                    (base, next) ->
                            lastLook(change, Objects.requireNonNull(entries.get(), "no rehearsal"), base, next));
            try {
                send(once, change, entries);
            } catch (RuntimeException e) {
                if (attempt < attempts && once.result() instanceof CommitResult.Conflict) {
                    LOG.info("{}: attempt {} of {} lost a race", subject.name(), attempt, attempts);
                    attempt++;
                    continue;
                }
                ActionResult lost = notCommitted(once, e, attempt);
                return once.sent() || attempt > 1 ? lost.with(requests(once, attempt)) : lost;
            }
            // Outside of the above: a failure from here on is none of the commit, which landed.
            Long snapshotId = once.snapshotId();
            return snapshotId == null
                    ? givenUp(Reason.INTERNAL_ERROR, "there was nothing to commit")
                    : committed.apply(snapshotId).with(requests(once, attempt));
        }
    }

    /** Of several attempts the last may have seen that there is nothing to send. */
    private static ActionResult.CommitRequests requests(SettlingOperations last, int attempt) {
        return new ActionResult.CommitRequests(last.sent() ? attempt : attempt - 1, last.windowMillis());
    }

    private void send(SettlingOperations once, Change change, AtomicReference<@Nullable CountedEntries> entries) {
        Table table = new BaseTable(once, subject.name());
        SnapshotUpdate<?> update = change.on(table);
        rehearse(once, update, change, entries);
        staged.commitIsNext();
        if (change.mergesManifests() && hasMoved(once)) {
            // With what came meanwhile Iceberg would merge manifests once more, between its refresh and its request.
            update = once.withoutMerging(() -> change.on(table));
            rehearse(once, update, change, entries);
        }
        update.commit();
    }

    /** Whether others have committed since the rehearsal. Where the table is gone, the commit finds that out. */
    private static boolean hasMoved(SettlingOperations once) {
        String rehearsedOn = once.current().metadataFileLocation();
        @Nullable TableMetadata now = once.refresh();
        return now != null && !Objects.equals(rehearsedOn, now.metadataFileLocation());
    }

    /**
     * Does before the commit what the commit would do. The commit then finds the manifests written and takes them as
     * they are, so little is left to do between its refresh and its request, when another writer can make it lose.
     */
    private void rehearse(
            SettlingOperations once,
            SnapshotUpdate<?> update,
            Change change,
            AtomicReference<@Nullable CountedEntries> entries) {
        update.scanManifestsWith(new PromptPool(ThreadPools.getWorkerPool()));
        update.set("sink.run-id", subject.runId());
        update.set("sink.version", version);
        CountedEntries counted = new CountedEntries(subject.ops().io(), change.intent());
        entries.set(counted);
        Snapshot next = update.apply();
        // The same list is written once more by the commit, as its second attempt, over the newest snapshot.
        staged.announce(next.manifestListLocation().replaceFirst("-1-(?=[^/]*$)", "-2-"));
        change.rehearsed(once.current(), next);
        prove(counted, once.current(), next);
    }

    /** What was counted in the rehearsal is not read again. */
    private static void prove(CountedEntries entries, TableMetadata base, Snapshot next) {
        String difference = entries.difference(base, next);
        if (difference != null) {
            throw new ProofFailedException(difference);
        }
    }

    private void lastLook(Change change, CountedEntries entries, TableMetadata base, Snapshot next) {
        if (subject.stop().stopped() || subject.stop().pastDeadline()) {
            throw new StoppedException();
        }
        change.lastLook(base, next);
        prove(entries, base, next);
        staged.keepPromise();
    }

    private ActionResult notCommitted(SettlingOperations once, RuntimeException failure, int attempt) {
        if (!once.sent()) {
            return notSent(failure);
        }
        if (once.result() instanceof CommitResult.Conflict lost) {
            return givenUp(
                    Reason.COMMIT_CONFLICT,
                    (attempt == 1 ? "another writer won: " : "another writer won each of " + attempt + " attempts: ")
                            + Failures.message(lost.cause()));
        }
        if (once.result() instanceof CommitResult.Rejected refused) {
            return givenUp(Failures.reason(refused.cause(), Reason.REWRITE_ERROR), Failures.message(refused.cause()));
        }
        if (once.result() instanceof CommitResult.Gone gone) {
            return leaving(
                            staged.there(),
                            Reason.NO_TABLE,
                            "the table was dropped, renamed or created anew before the commit, and nothing was deleted;"
                                    + " journal " + staged.journal() + " lets a later run delete what was staged: "
                                    + Failures.message(gone.cause()),
                            "staged; stays, since the table is gone")
                    .orIncomplete();
        }
        // Unknown, and whatever else happened after the request was sent: it may land yet.
        return leaving(
                staged.files(),
                Reason.COMMIT_STATE_UNKNOWN,
                ("the catalog did not say whether snapshot %s was committed, so nothing was deleted; journal %s"
                                + " lets a later run finish: %s")
                        .formatted(once.snapshotId(), staged.journal(), Failures.message(failure)),
                "staged; stays, since its commit may have landed");
    }

    private static ActionResult leaving(List<String> files, Reason reason, String detail, String why) {
        List<String> left = files.stream().map(file -> file + " (" + why + ")").toList();
        return new ActionResult(
                reason,
                detail,
                Effect.of(Counter.FILES_STAGED, files.size()).plus(Counter.FILES_LEFT, left.size()),
                new ActionResult.Files(files, List.of(), left),
                null);
    }

    private ActionResult notSent(RuntimeException failure) {
        if (failure instanceof StoppedException) {
            return subject.stop().stopped()
                    ? givenUp(Reason.INTERRUPTED, "stopped before the commit")
                    : givenUp(Reason.DEADLINE_REACHED, "not committed before the deadline");
        }
        if (failure instanceof ProofFailedException) {
            return givenUp(Reason.ROW_PROOF_FAILED, Failures.message(failure));
        }
        return failure instanceof ValidationException
                ? givenUp(Reason.COMMIT_CONFLICT, "another writer changed these files: " + Failures.message(failure))
                : givenUp(Failures.reason(failure, Reason.REWRITE_ERROR), Failures.message(failure));
    }

    /**
     * The result of a commit that landed: deletes what was staged and is not needed, and then the journal.
     *
     * @param written files that the commit names, which need no look
     */
    public ActionResult landed(Reason reason, String detail, Effect effect, List<String> written, long snapshotId) {
        Map<String, String> open = staged.settled(written, snapshotId);
        List<String> left = staged.files().stream()
                .filter(open::containsKey)
                .map(file -> file + " (" + open.get(file) + ")")
                .toList();
        String journal = open.isEmpty()
                ? ""
                : "; what is left of the staging could not be removed; a later run removes it by journal "
                        + staged.journal() + ": " + open;
        return new ActionResult(
                reason,
                detail + journal,
                effect.plus(Counter.FILES_LEFT, left.size()),
                new ActionResult.Files(written, List.of(), left),
                snapshotId);
    }

    /** Ends without a commit: everything staged is deleted, and counted by looking. */
    public ActionResult givenUp(Reason reason, String detail) {
        TakenAway taken = staged.takeAway();
        List<String> left = new ArrayList<>();
        taken.left().forEach((file, why) -> left.add(file + " (" + why + ")"));
        // Files that were announced and never created, and files that Iceberg deleted itself, are not counted.
        List<String> found = new ArrayList<>(taken.deletedPaths());
        found.addAll(taken.left().keySet());
        Effect effect = Effect.of(Counter.FILES_STAGED, found.size())
                .plus(Counter.STAGED_FILES_DELETED, taken.deleted().size())
                .plus(Counter.FILES_LEFT, left.size());
        String staging = found.isEmpty()
                ? (taken.awaited().isEmpty() ? "nothing staged is left" : "nothing staged is there")
                : "%d %s staged, %d deleted%s"
                        .formatted(
                                found.size(),
                                found.size() == 1 ? "file" : "files",
                                taken.deleted().size(),
                                left.isEmpty()
                                        ? ""
                                        : ", %d left for a later run by journal %s"
                                                .formatted(left.size(), staged.journal()));
        String awaited = taken.awaited().isEmpty()
                ? ""
                : "; the storage did not say what became of %d more; later runs look for them by journal %s"
                        .formatted(taken.awaited().size(), staged.journal());
        ActionResult.Files files = new ActionResult.Files(found, taken.deletedPaths(), left);
        return new ActionResult(reason, detail + "; " + staging + awaited, effect, files, null).orIncomplete();
    }
}
