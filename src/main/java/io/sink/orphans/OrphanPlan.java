package io.sink.orphans;

import io.sink.action.Plan;
import io.sink.action.Subject;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.storage.DeleteResult;
import io.sink.storage.FoundFile;
import io.sink.storage.Locations;
import io.sink.storage.Spill;
import io.sink.storage.Storage;
import io.sink.table.ExactLocation;
import io.sink.table.Failures;
import io.sink.table.FileKind;
import io.sink.table.LiveFiles;
import io.sink.table.ReachableFiles;
import io.sink.table.TableFile;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The sweep of one table, down to the file. Before each batch the table is read again, and files that anything new in
 * it names stay.
 *
 * @ref LLP 0012#sequence
 */
final class OrphanPlan implements Plan {
    private static final int DELETED_AT_ONCE = 1_000;

    private final Subject subject;
    private final ReachableFiles reading;
    private final Found found;
    private final String detail;

    /** @param reading what was read of the metadata in which none of the files is named */
    OrphanPlan(Subject subject, ReachableFiles reading, Found found, String detail) {
        this.subject = subject;
        this.reading = reading;
        this.found = found;
        this.detail = detail;
    }

    /** The orphans, on disk once they are many, and their figures. */
    static final class Found {
        private final Listing listing;
        private final SweepLocations places;
        private final Spill orphans;
        private final ByPrefix byPrefix = new ByPrefix();
        private final Paths left = new Paths();
        private long bytes;
        private long others;

        Found(Listing listing, SweepLocations places, Spill orphans) {
            this.listing = listing;
            this.places = places;
            this.orphans = orphans;
        }

        /** Adds a file that nothing names, unless it lies in another table's place. */
        void add(ListedFile file) {
            if (places.isInOthers(file.location())) {
                others++;
                return;
            }
            String inexact = ExactLocation.refusal(file.location(), false);
            if (inexact != null) {
                leave(file, "not deleted: " + inexact);
                return;
            }
            if (!WriterNames.has(file.location())) {
                leave(file, "not deleted: no writer of Iceberg tables gives a file such a name");
                return;
            }
            orphans.add(file::writeTo);
            bytes += file.bytes();
            String root = places.swept().stream()
                    .map(Locations.Place::spelled)
                    .filter(file.location()::startsWith)
                    .findFirst()
                    .orElse("");
            byPrefix.add(root, file);
        }

        /** Adds a file that another table needs. */
        void addNeeded(ListedFile file, String table) {
            if (places.isInOthers(file.location())) {
                others++;
            } else {
                leave(file, "not deleted: table " + table + " needs it");
            }
        }

        /** Adds a file whose exact location nothing names, but which could be a live file. */
        void addDoubtful(ListedFile file) {
            if (places.isInOthers(file.location())) {
                others++;
            } else {
                String inexact = ExactLocation.refusal(file.location(), false);
                leave(
                        file,
                        "not deleted: "
                                + (inexact == null
                                        ? "except for its spelling it is the name of a live file"
                                        : inexact));
            }
        }

        private void leave(ListedFile file, String why) {
            left.add(file.location() + " (" + why + ")");
        }

        /** Files that the table does not name and that stay all the same, each with the reason. */
        ActionResult.Files left() {
            return new ActionResult.Files(List.of(), List.of(), left.paths, 0, left.omitted);
        }

        long leftFiles() {
            return left.paths.size() + left.omitted;
        }

        long files() {
            return orphans.size();
        }

        long bytes() {
            return bytes;
        }

        long others() {
            return others;
        }
    }

    @Override
    public ActionResult preview() {
        Paths going = new Paths();
        found.orphans.each(in -> going.add(ListedFile.readFrom(in).location()));
        found.orphans.close();
        Effect effect = Effect.of(Counter.ORPHAN_FILES_DELETED, found.files())
                .plus(Counter.BYTES_FREED, found.bytes())
                .plus(Counter.FILES_LISTED, found.listing.files())
                .plus(Counter.FILES_LEFT, found.leftFiles());
        return new ActionResult(
                Reason.WOULD_DELETE_ORPHANS,
                detail,
                effect,
                new ActionResult.Files(List.of(), going.paths, found.left.paths, going.omitted, found.left.omitted),
                null,
                Findings.byPrefix(found.byPrefix.shares()));
    }

    /** Paths for a report: the first ten thousand, and how many more there are. */
    private static final class Paths {
        private static final int MOST = 10_000;
        private final List<String> paths = new ArrayList<>();
        private long omitted;

        void add(String path) {
            if (paths.size() < MOST) {
                paths.add(path);
            } else {
                omitted++;
            }
        }
    }

    @Override
    public ActionResult execute() {
        Sweeping sweeping = new Sweeping();
        try (Spill orphans = found.orphans) {
            DataInputStream in = orphans.read();
            for (long done = 0; done < orphans.size() && sweeping.ended == null; done += DELETED_AT_ONCE) {
                sweeping.batch(next(in, Math.min(DELETED_AT_ONCE, orphans.size() - done)));
            }
        }
        return sweeping.result();
    }

    private static List<TableFile> next(DataInputStream in, long count) {
        List<TableFile> batch = new ArrayList<>();
        try {
            for (long i = 0; i < count; i++) {
                batch.add(new TableFile(ListedFile.readFrom(in).location(), FileKind.ORPHAN));
            }
        } catch (IOException e) {
            throw new Spill.SpillException(e);
        }
        return batch;
    }

    /** A sweep in progress. */
    private final class Sweeping {
        private final Paths deleted = new Paths();
        private final Paths left = found.left;
        private final ByPrefix freed = new ByPrefix();
        private Effect effect =
                Effect.of(Counter.FILES_LISTED, found.listing.files()).plus(Counter.FILES_LEFT, found.leftFiles());
        private long files;
        private long needed;
        private long gone;
        private long undone;
        private @Nullable Reason ended;
        private String why = "";

        private void batch(List<TableFile> orphans) {
            if (subject.stop().stopped()) {
                end(Reason.INTERRUPTED, "the run was stopped");
                return;
            }
            if (subject.stop().pastDeadline()) {
                end(Reason.DEADLINE_REACHED, "the deadline passed");
                return;
            }
            List<FoundFile> there;
            Locations locations;
            try {
                TableMetadata now = subject.ops().refresh();
                ActionResult refusal = OrphansAction.refusal(now, subject.ops().io());
                if (refusal != null) {
                    end(refusal.reason(), refusal.detail());
                    return;
                }
                locations = Locations.of(now, subject.ops().io());
                List<TableFile> unneeded =
                        LiveFiles.beyond(reading, subject.ops().io()).unneeded(now, orphans);
                needed += orphans.size() - unneeded.size();
                there = Storage.find(subject.ops().io(), locations, unneeded).there();
                gone += unneeded.size() - there.size();
            } catch (RuntimeException e) {
                end(
                        Failures.reason(e, Reason.METADATA_UNREADABLE),
                        "the table could not be read again: " + Failures.message(e));
                return;
            }
            add(Storage.delete(subject.ops().io(), locations, there));
        }

        private void add(DeleteResult result) {
            for (FoundFile file : result.deleted()) {
                deleted.add(file.file().path());
                freed.add(root(file.file().path()), new ListedFile(file.file().path(), file.bytes()));
            }
            result.left().forEach((file, reason) -> left.add(file + " (" + reason + ")"));
            undone += result.left().size();
            files += result.deleted().size();
            effect = effect.plus(result.effect());
        }

        private String root(String path) {
            return found.places.swept().stream()
                    .map(Locations.Place::spelled)
                    .filter(path::startsWith)
                    .findFirst()
                    .orElse("");
        }

        private void end(Reason reason, String because) {
            ended = reason;
            why = because;
        }

        /**
         * If the deadline ended a sweep that deleted files, it is done and the rest is backlog; a failure stays a
         * failure.
         */
        private Reason reason() {
            if (undone > 0) {
                return Reason.CLEANUP_INCOMPLETE;
            }
            boolean partly = ended != null && files > 0 && ended.outcome() == Outcome.SKIPPED;
            return ended == null || partly ? Reason.ORPHANS_DELETED : ended;
        }

        private ActionResult result() {
            long rest = found.files() - files - needed - gone - undone;
            List<String> parts = new ArrayList<>();
            if (ended != null) {
                parts.add("%d of %d orphans were deleted: %s".formatted(files, found.files(), why));
            } else if (undone > 0) {
                parts.add("%d of %d orphans are still there; the next sweep tries again"
                        .formatted(undone, found.files()));
            }
            if (needed > 0) {
                parts.add(needed + " came to be named meanwhile and stay");
            }
            if (gone > 0) {
                parts.add(gone + " were gone already");
            }
            parts.add(detail);
            return new ActionResult(
                    reason(),
                    String.join("; ", parts),
                    effect.plus(Counter.BACKLOG_FILES, rest),
                    new ActionResult.Files(List.of(), deleted.paths, left.paths, deleted.omitted, left.omitted),
                    null,
                    Findings.byPrefix(freed.shares()));
        }
    }
}
