package io.sink.settle;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.action.Subject;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.storage.AbandonedStaging;
import io.sink.storage.EarlierTables;
import io.sink.storage.FoundFile;
import io.sink.storage.Locations;
import io.sink.storage.OtherTables;
import io.sink.storage.Ownership;
import io.sink.storage.StagedFiles;
import io.sink.storage.Storage;
import io.sink.storage.TakenAway;
import io.sink.table.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/**
 * Deletes what a dead run had staged and never committed.
 *
 * @ref LLP 0006#staging
 */
public final class SettleAction implements Action<Object> {
    private final OtherTables others;

    /**
     * @param others the other tables, which could need what an entry names, and each of which settles its own staging.
     *     Asked only if a dead run left something
     */
    public SettleAction(OtherTables others) {
        this.others = others;
    }

    @Override
    public ActionName name() {
        return ActionName.SETTLE;
    }

    @Override
    public Decision plan(Subject subject, Object anyPolicy) {
        try {
            AbandonedStaging.Found found = AbandonedStaging.find(
                    subject.ops(),
                    subject.now(),
                    subject.commitsDieWithProcess(),
                    new EarlierTables(subject.ops(), uuid -> others.couldHave(uuid, () -> {})));
            List<AbandonedStaging> abandoned = found.stagings();
            if (abandoned.isEmpty()) {
                return new Decision.Stay(ActionResult.of(Reason.NOTHING_TO_SETTLE, String.join("; ", found.notes())));
            }
            Storage.requireDeletion(subject.ops().io());
            List<FoundFile> leftovers = new ArrayList<>();
            List<String> notes = new ArrayList<>(found.notes());
            Ownership ownership = ownership(subject);
            boolean awaited = true;
            for (AbandonedStaging staging : abandoned) {
                AbandonedStaging.Leftovers left =
                        staging.leftovers(subject.ops(), subject.ops().current(), ownership);
                leftovers.addAll(left.files());
                left.kept()
                        .forEach((file, why) -> notes.add(
                                file + ", which run " + staging.runId() + " is said to have staged, stays: " + why));
                awaited = awaited && left.isAwaited();
            }
            return new Decision.Go(new Settlement(subject, ownership, abandoned, leftovers, awaited, notes));
        } catch (RuntimeException e) {
            return new Decision.Stay(ActionResult.of(
                    Failures.reason(e, Reason.CLEANUP_INCOMPLETE),
                    "what an earlier run staged could not be looked for: " + Failures.message(e)));
        }
    }

    private Ownership ownership(Subject subject) {
        TableMetadata metadata = subject.ops().current();
        FileIO io = subject.ops().io();
        return new Ownership(subject.name(), metadata, Locations.of(metadata, io), io, others, subject.stop()::check);
    }

    /**
     * What can be settled.
     *
     * @param awaited whether none of the files exists and each may still be created, so that there is nothing to report
     *     yet
     */
    private record Settlement(
            Subject subject,
            Ownership ownership,
            List<AbandonedStaging> abandoned,
            List<FoundFile> leftovers,
            boolean awaited,
            List<String> notes)
            implements Plan {

        @Override
        public ActionResult preview() {
            if (awaited) {
                return stillAwaited();
            }
            List<String> paths =
                    leftovers.stream().map(found -> found.file().path()).toList();
            return new ActionResult(
                    Reason.WOULD_SETTLE,
                    String.join("; ", described()),
                    effect(leftovers),
                    new ActionResult.Files(List.of(), paths, List.of()),
                    null);
        }

        private ActionResult stillAwaited() {
            return ActionResult.of(
                    Reason.NOTHING_TO_SETTLE,
                    String.join("; ", described()) + "; none of its files is there, and later runs look again for "
                            + StagedFiles.LEASE.toHours() + " h");
        }

        @Override
        public ActionResult execute() {
            List<FoundFile> deleted = new ArrayList<>();
            List<String> left = new ArrayList<>();
            List<String> detail = described();
            boolean whole = true;
            boolean news = !awaited;
            for (AbandonedStaging staging : abandoned) {
                try {
                    int aborted = staging.abortUploads(subject.ops());
                    if (aborted > 0) {
                        news = true;
                        detail.add("unfinished uploads aborted: " + aborted);
                    }
                } catch (RuntimeException e) {
                    detail.add("unfinished uploads of run " + staging.runId() + " could not be looked for: "
                            + Failures.message(e));
                    if (Failures.reason(e, Reason.STORAGE_ERROR) != Reason.PERMISSION_DENIED) {
                        // A later run needs the names that are in the journal.
                        whole = false;
                        of(staging).forEach(file -> left.add(file + " (kept for a later run)"));
                        continue;
                    }
                }
                TakenAway result = staging.settle(subject.ops(), ownership);
                deleted.addAll(result.deleted());
                result.left().forEach((file, why) -> left.add(file + " (" + why + ")"));
            }
            if (whole && left.isEmpty() && deleted.isEmpty() && !news) {
                return stillAwaited();
            }
            return new ActionResult(
                    whole && left.isEmpty() ? Reason.SETTLED : Reason.CLEANUP_INCOMPLETE,
                    String.join("; ", detail),
                    effect(deleted).plus(Counter.FILES_LEFT, left.size()),
                    new ActionResult.Files(
                            List.of(),
                            deleted.stream().map(found -> found.file().path()).toList(),
                            left),
                    null);
        }

        private Stream<String> of(AbandonedStaging staging) {
            return leftovers.stream().map(found -> found.file().path()).filter(staging.files()::contains);
        }

        private List<String> described() {
            List<String> parts = new ArrayList<>();
            Map<String, List<String>> runs = new TreeMap<>();
            abandoned.forEach(staging -> runs.computeIfAbsent(
                            staging.earlierTable() == null ? "" : staging.earlierTable(), any -> new ArrayList<>())
                    .add(staging.runId()));
            runs.forEach((earlier, ids) -> parts.add("run " + String.join(", ", ids) + " ended before it settled"
                    + (earlier.isEmpty() ? "" : ", and worked on " + EarlierTables.described(earlier))));
            parts.addAll(notes);
            return parts;
        }

        private static Effect effect(List<FoundFile> files) {
            return Effect.of(Counter.STAGED_FILES_DELETED, files.size())
                    .plus(
                            Counter.BYTES_FREED,
                            files.stream().mapToLong(FoundFile::bytes).sum());
        }
    }
}
