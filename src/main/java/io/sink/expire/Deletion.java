package io.sink.expire;

import io.sink.action.Subject;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.storage.DeleteResult;
import io.sink.storage.FoundFile;
import io.sink.storage.Journal;
import io.sink.storage.Journals;
import io.sink.storage.Locations;
import io.sink.storage.Ownership;
import io.sink.storage.Storage;
import io.sink.table.Failures;
import io.sink.table.LiveFiles;
import io.sink.table.TableFile;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The files of one expiry: written to a journal first, deleted once the snapshots are gone, and counted by looking.
 *
 * @ref LLP 0006#expire-sequence
 */
final class Deletion {
    private static final int DELETED_AT_ONCE = 1_000;

    private final Subject subject;
    private final InstantSource clock;
    private final ExpiryTarget target;
    private final LiveFiles live;
    private final Files asked;
    private final List<FoundFile> files;
    private final PendingJournals pending;
    private final Journals journals;
    private final String planned;
    private final String detail;
    private @Nullable String promisedAt;

    /**
     * The files that nothing of the table needs once the target is gone, by what becomes of them.
     *
     * @param found files that exist and may be deleted
     * @param refused files that stay, with the reason by path
     * @param later those of {@code refused} that a later run is to ask about again
     * @param metadata metadata files that the commit itself deletes, as the table's properties say
     * @param exclusive places outside the table's own that the operator gave to it
     * @param ownership tells, once more after the commit, what other entries of the table need
     */
    record Files(
            List<FoundFile> found,
            Map<String, String> refused,
            List<TableFile> later,
            List<FoundFile> metadata,
            ExpirePolicy.Exclusive exclusive,
            Ownership ownership) {}

    /**
     * @param target what to remove from the metadata; empty if only the journals of earlier runs are to be finished
     * @param live tells which files metadata needs
     * @param pending the journals of earlier runs
     * @param planned what the target takes out of the metadata, as a person reads it
     * @param detail what else there is to say of the plan
     */
    Deletion(
            Subject subject,
            InstantSource clock,
            ExpiryTarget target,
            LiveFiles live,
            Files files,
            PendingJournals pending,
            String planned,
            String detail) {
        this.planned = planned;
        this.subject = subject;
        this.clock = clock;
        this.target = target;
        this.live = live;
        this.asked = files;
        this.files = files.found();
        this.pending = pending;
        this.journals = new Journals(subject.ops());
        this.detail = detail;
    }

    /** The result of a dry run. */
    ActionResult preview() {
        List<FoundFile> going = new ArrayList<>(asked.metadata());
        going.addAll(files);
        return going.isEmpty() && target.isEmpty() && isWaiting()
                ? stillWaiting()
                : ended(
                        Reason.WOULD_EXPIRE,
                        target,
                        new DeleteResult(going, asked.refused()),
                        ExpireAction.joined(planned, detail, waiting()));
    }

    /** Where this run's journal is, or would be. */
    String journal() {
        String promised = promisedAt;
        return promised == null ? journals.location(subject.runId()) : promised;
    }

    /** Writes the journal, by which a later run can finish this one. Called before the commit. */
    void promise(TableMetadata base) {
        promise(
                base,
                Stream.concat(files.stream().map(FoundFile::file), asked.later().stream())
                        .toList());
    }

    private void promise(TableMetadata base, List<TableFile> promised) {
        promisedAt = journals.location(subject.runId());
        journals.write(new Journal(
                subject.runId(),
                subject.host(),
                clock.instant(),
                List.copyOf(target.snapshotIds()),
                ExpiryTarget.main(base),
                promised));
    }

    /** Whether files stay only because something could not be read, so that a later run asks again. */
    private boolean isWaiting() {
        return !asked.later().isEmpty();
    }

    private String waiting() {
        return isWaiting()
                ? asked.later().size() + " files stay until it is known who else needs them; a later run asks again"
                : "";
    }

    /** The result if nothing is due except files that waited already and keep waiting. */
    private ActionResult stillWaiting() {
        return ended(
                Reason.NOTHING_TO_EXPIRE,
                target,
                new DeleteResult(List.of(), asked.refused()),
                ExpireAction.joined(waiting(), detail));
    }

    /**
     * Deletes the files that nothing in the table's newest metadata reaches.
     *
     * @param gone what this run took out of the metadata
     * @param before the metadata right before that
     */
    ActionResult after(ExpiryTarget gone, TableMetadata before) {
        TableMetadata now;
        List<FoundFile> unneeded;
        Map<String, String> needed;
        try {
            now = subject.ops().refresh();
            String broken = broken(gone, before, now);
            if (broken != null) {
                if (gone.goneFrom(now) && !isMainGone(before, now)) {
                    // Another writer dropped a branch or tag, which is fine: a later run decides anew about its
                    // snapshots.
                    return ended(
                            Reason.CLEANUP_INCOMPLETE,
                            gone,
                            leftAll("not deleted: a branch or tag was dropped meanwhile; the next run decides anew"),
                            broken + "; no file was deleted, and journal " + journal() + " lets the next run do it");
                }
                // Whoever repairs the table needs these files; a journal would let a later run delete them.
                return withoutJournal(ended(
                        Reason.EXPIRE_ERROR,
                        gone,
                        nothing(),
                        broken + "; no file was deleted. Metadata before: " + before.metadataFileLocation()));
            }
            Set<String> free = live
                    .unneeded(now, files.stream().map(FoundFile::file).toList())
                    .stream()
                    .map(TableFile::path)
                    .collect(Collectors.toSet());
            Set<String> registeredAgain = pending.neededByEarlier();
            if (!registeredAgain.isEmpty()) {
                throw new IllegalStateException("an earlier table at this place came to need "
                        + registeredAgain.iterator().next());
            }
            needed = asked.ownership()
                    .neededBySameEntries(files.stream().map(FoundFile::file).toList());
            unneeded = files.stream()
                    .filter(found -> free.contains(found.file().path())
                            && !needed.containsKey(found.file().path()))
                    .toList();
        } catch (RuntimeException e) {
            return ended(
                    Reason.CLEANUP_INCOMPLETE,
                    gone,
                    leftAll("not deleted: what the table still needs could not be read"),
                    "the snapshots expired and their files stay, since the table could not be read again; the"
                            + " next run deletes them: "
                            + Failures.message(e));
        }
        return deleted(gone, gone.describe(before), now, unneeded, needed);
    }

    private ActionResult deleted(
            ExpiryTarget gone, String taken, TableMetadata now, List<FoundFile> unneeded, Map<String, String> needed) {
        Locations locations =
                Locations.of(now, subject.ops().io(), asked.exclusive().locations());
        List<FoundFile> deleted = new ArrayList<>();
        Map<String, String> left = new TreeMap<>(asked.refused());
        left.putAll(needed);
        int notOurs = left.size();
        boolean late = false;
        boolean stopped = false;
        for (int from = 0; from < unneeded.size(); from += DELETED_AT_ONCE) {
            List<FoundFile> some = unneeded.subList(from, Math.min(from + DELETED_AT_ONCE, unneeded.size()));
            stopped = stopped || subject.stop().stopped();
            late = late || subject.stop().pastDeadline();
            if (stopped || late) {
                String why = stopped ? "not deleted: the run was stopped" : "not deleted: the deadline passed";
                some.forEach(found -> left.putIfAbsent(found.file().path(), why));
                continue;
            }
            DeleteResult result = Storage.delete(subject.ops().io(), locations, some);
            deleted.addAll(result.deleted());
            left.putAll(result.left());
        }
        int undone = left.size() - notOurs;
        lookForMetadata(locations, deleted, left);
        DeleteResult result = new DeleteResult(deleted, left);
        if (undone > 0) {
            String what = undone + " of " + unneeded.size() + " files are still there; the next run deletes them";
            return ended(
                    stopped ? Reason.INTERRUPTED : Reason.CLEANUP_INCOMPLETE,
                    gone,
                    result,
                    ExpireAction.joined(what, taken, detail));
        }
        if (isWaiting() && deleted.isEmpty() && gone.isEmpty()) {
            return stillWaiting();
        }
        String openJournals = isWaiting() ? keepWaiting(now) : dropJournals();
        String outside = left.isEmpty() ? "" : left.size() + " files were left, each with its reason";
        return openJournals.isEmpty()
                ? ended(Reason.EXPIRED, gone, result, ExpireAction.joined(taken, detail, outside, waiting()))
                : ended(Reason.CLEANUP_INCOMPLETE, gone, result, openJournals);
    }

    /** Adds the metadata files that the commit itself was to delete, as the table's properties say. */
    private void lookForMetadata(Locations locations, List<FoundFile> deleted, Map<String, String> left) {
        for (FoundFile found : asked.metadata()) {
            try {
                if (Storage.find(subject.ops().io(), locations, List.of(found.file()))
                        .there()
                        .isEmpty()) {
                    deleted.add(found);
                } else {
                    left.put(found.file().path(), "left the metadata log, and the commit did not delete it");
                }
            } catch (RuntimeException e) {
                left.put(found.file().path(), "left the metadata log; cannot be looked at: " + Failures.message(e));
            }
        }
    }

    /** Whether {@code main} is gone or a ref is dangling, and not just some other ref was dropped. */
    private boolean isMainGone(TableMetadata before, TableMetadata now) {
        return ExpiryTarget.danglingRef(now) != null
                || (ExpiryTarget.main(now) == null
                        && (ExpiryTarget.main(before) != null
                                || pending.ripe().values().stream()
                                        .map(Journal::main)
                                        .anyMatch(Objects::nonNull)));
    }

    /**
     * What is wrong with the table after the expiry, or null.
     *
     * @ref LLP 0006#main-gone
     */
    private @Nullable String broken(ExpiryTarget gone, TableMetadata before, TableMetadata now) {
        if (!gone.goneFrom(now)) {
            return "the catalog accepted the expiry, but still shows the snapshots";
        }
        String dangling = ExpiryTarget.danglingRef(now);
        if (dangling != null) {
            return "a ref points to a snapshot that is not in the table: " + dangling;
        }
        for (String ref : before.refs().keySet()) {
            // A REST catalog drops a ref that was moved to a snapshot which is just being expired.
            if (!gone.refs().contains(ref) && now.ref(ref) == null) {
                return ref + " was at snapshot " + before.ref(ref).snapshotId()
                        + " and is gone: another writer moved or dropped it while the snapshots expired";
            }
        }
        return pending.ripe().values().stream().map(Journal::main).anyMatch(Objects::nonNull)
                        && ExpiryTarget.main(now) == null
                ? "main is gone since an earlier run expired snapshots and died"
                : null;
    }

    /** Replaces all journals by one with the files that wait. Returns what could not be done, or an empty string. */
    private String keepWaiting(TableMetadata now) {
        try {
            promise(now, asked.later());
        } catch (RuntimeException e) {
            // The old journals still name all of these files.
            return "the journal of the files that wait could not be written: " + Failures.message(e);
        }
        // If the storage cannot list, all journals have the same name.
        String own = journals.location(subject.runId());
        return drop(
                pending.locations().filter(location -> !location.equals(own)).toList());
    }

    /** Deletes the journals. Returns which could not be deleted, or an empty string. */
    private String dropJournals() {
        List<String> all = new ArrayList<>(pending.locations().toList());
        if (!target.isEmpty()) {
            all.add(journals.location(subject.runId()));
        }
        return drop(all);
    }

    private String drop(List<String> all) {
        List<String> open = new ArrayList<>();
        for (String location : all) {
            try {
                journals.remove(location);
            } catch (RuntimeException e) {
                open.add(location + " (" + Failures.message(e) + ")");
            }
        }
        return open.isEmpty()
                ? ""
                : "a journal could not be removed; the next run tries again: " + String.join(", ", open);
    }

    /** Ends a run that deletes nothing by deleting its journal, which would let a later run delete the files. */
    ActionResult withoutJournal(ActionResult result) {
        String location = journal();
        try {
            journals.remove(location);
            return result;
        } catch (RuntimeException e) {
            return new ActionResult(
                    result.reason(),
                    ExpireAction.joined(
                            result.detail(),
                            "the journal " + location + " could not be removed: " + Failures.message(e)),
                    result.effect(),
                    result.files(),
                    null);
        }
    }

    private static DeleteResult nothing() {
        return new DeleteResult(List.of(), Map.of());
    }

    private DeleteResult leftAll(String why) {
        return new DeleteResult(
                List.of(),
                files.stream().map(found -> found.file().path()).collect(Collectors.toMap(path -> path, path -> why)));
    }

    private static ActionResult ended(Reason reason, ExpiryTarget gone, DeleteResult files, String detail) {
        Effect effect = Effect.of(Counter.SNAPSHOTS_EXPIRED, gone.snapshotIds().size())
                .plus(Counter.REFS_REMOVED, gone.refs().size())
                .plus(files.effect());
        List<String> left = files.left().entrySet().stream()
                .map(file -> file.getKey() + " (" + file.getValue() + ")")
                .toList();
        return new ActionResult(
                reason, detail, effect, new ActionResult.Files(List.of(), files.deletedPaths(), left), null);
    }
}
