package io.sink.storage;

import io.sink.table.Failures;
import io.sink.table.FileKind;
import io.sink.table.LiveFiles;
import io.sink.table.TableFile;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a run wrote and did not commit yet. Each is recorded in the table's own storage before it is created.
 *
 * <p>Each file has an entry of its own beside the table's metadata,
 * {@code sink-staged-<run id>-<random>.<table uuid>.<number>.<owner>.json}, which is never overwritten: a process that
 * dies in the middle of one leaves the others whole, a run id may be used again, and tables may share a folder. The run
 * promises not to commit later than {@link #PROMISE} after its newest entry; a later run on another host deletes the
 * files only after {@link #LEASE}, so the two can never overlap.
 *
 * @ref LLP 0006#staging
 */
public final class StagedFiles {
    /** An uncommitted run of another host is given up this long after its newest entry. */
    public static final Duration LEASE = Duration.ofHours(24);

    /** A run that has written no entry for this long must not commit any more. */
    public static final Duration PROMISE = Duration.ofHours(12);

    /** An entry about a file that is about to be created. */
    static final String FILE = "file";

    /** An entry about a metadata file, which comes into being in the middle of a commit. */
    static final String METADATA = "metadata";

    /** An entry that names no file: the commit may be sent from now on. */
    static final String COMMIT = "commit";

    private static final Logger LOG = LoggerFactory.getLogger(StagedFiles.class);

    static final String PREFIX = "sink-staged-";
    static final String SUFFIX = ".json";
    private final TableOperations ops;
    private final String journal;
    private final StagingEntries entries;
    private final Locations locations;
    private final InstantSource clock;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, String> entryByFile = new LinkedHashMap<>();
    private final List<String> written = new ArrayList<>();
    private Instant newest;
    private volatile boolean elsewhere;

    /**
     * @param runId becomes part of the entries' names
     * @param owner this process
     */
    public StagedFiles(TableOperations ops, String runId, Owner owner, InstantSource clock) {
        this.ops = ops;
        this.journal = PREFIX + runId + "-" + UUID.randomUUID().toString().substring(0, 8);
        String prefix = ops.metadataFileLocation(journal + "." + ops.current().uuid() + ".");
        this.entries = new StagingEntries(ops.io(), prefix, runId, owner.token());
        this.locations = Locations.of(ops.current(), ops.io());
        this.clock = clock;
        this.newest = clock.instant();
    }

    /** Writes down that the file is about to be created, unless it was before; if this throws, it must not be. */
    public void announce(String location) {
        announce(FILE, location);
    }

    /**
     * Writes down that a metadata file is about to be created, in a commit that is sent right after it; if this throws,
     * it must not be.
     */
    public void announceMetadata(String location) {
        announce(METADATA, location);
    }

    private void announce(String kind, String location) {
        synchronized (this) {
            if (entryByFile.containsKey(location)) {
                return;
            }
        }
        String entry = write(kind, location);
        synchronized (this) {
            entryByFile.put(location, entry);
        }
    }

    /**
     * Writes down that the commit may be sent from now on.
     *
     * @throws IllegalStateException if the promise ran out, or another run has begun to take the files away
     */
    public void commitIsNext() {
        keepPromise();
        List<TableFile> entries = written().stream()
                .map(entry -> new TableFile(entry, FileKind.METADATA))
                .toList();
        Set<TableFile> there =
                Storage.look(ops.io(), entries).stream().map(FoundFile::file).collect(Collectors.toSet());
        entries.stream().filter(entry -> !there.contains(entry)).findFirst().ifPresent(gone -> {
            throw new IllegalStateException("entry " + gone.path() + " of the staging journal is gone: somebody"
                    + " has begun to take the staged files away");
        });
        write(COMMIT, "");
    }

    /**
     * Sees to it that no commit is sent after another run may have taken the files away.
     *
     * @throws IllegalStateException if the promise ran out
     */
    public synchronized void keepPromise() {
        if (newest.plus(PROMISE).isBefore(clock.instant())) {
            throw new IllegalStateException("the last staged file was begun at " + newest + ", longer ago than "
                    + PROMISE.toHours() + " h; another run may take the staged files away");
        }
    }

    private String write(String kind, String file) {
        int number = numbers.incrementAndGet();
        Instant now = clock.instant();
        String location = entries.location(number);
        synchronized (this) {
            written.add(location);
            newest = now;
        }
        entries.write(number, kind, file, now);
        return location;
    }

    /** Announces for those who write; it may travel to where they are. */
    public StagedAnnouncer announcer() {
        return new StagedAnnouncer(entries, this);
    }

    /** From now on files can be announced that this object is not told of. */
    void announcedElsewhere() {
        elsewhere = true;
    }

    /**
     * Sees to it that every one of these files has an entry.
     *
     * @throws IllegalStateException if one has none: nobody could take it away
     */
    public void requireEntries(Collection<String> files) {
        gather();
        Set<String> known = Set.copyOf(files());
        files.stream().filter(file -> !known.contains(file)).findFirst().ifPresent(file -> {
            throw new IllegalStateException(file + " has no entry in the staging journal " + journal);
        });
    }

    /**
     * Finds the entries that were written elsewhere.
     *
     * @throws RuntimeException if they cannot be listed and read
     */
    private void gather() {
        if (!elsewhere) {
            return;
        }
        Set<String> mine = Set.copyOf(written());
        List<AbandonedStaging.Entry> others = AbandonedStaging.entries(ops, entries.prefix(), mine);
        synchronized (this) {
            for (AbandonedStaging.Entry entry : others) {
                written.add(entry.location());
                if (!entry.file().isEmpty()) {
                    entryByFile.put(entry.file(), entry.location());
                }
                newest = entry.writtenAt().isAfter(newest) ? entry.writtenAt() : newest;
            }
        }
    }

    /** How the names of this run's entries begin, which stay as long as any of its files is left. */
    public String journal() {
        return journal;
    }

    /** Whether nothing was announced, nor begun to be. */
    public boolean isEmpty() {
        return written().isEmpty();
    }

    /** Files that were announced, in order. */
    public synchronized List<String> files() {
        return List.copyOf(entryByFile.keySet());
    }

    /** Files that were announced and are there, in order; all that were announced where nobody can say. */
    public List<String> there() {
        List<String> announced = files();
        try {
            return Storage.find(ops.io(), locations, data(announced)).there().stream()
                    .map(found -> found.file().path())
                    .toList();
        } catch (RuntimeException e) {
            LOG.debug("what is left of {} cannot be looked for", journal, e);
            return announced;
        }
    }

    private static List<TableFile> data(Collection<String> files) {
        return files.stream().map(file -> new TableFile(file, FileKind.DATA)).toList();
    }

    /**
     * Takes every staged file away, and then the journal. Only for a run that has surely not committed.
     *
     * <p>Asks the table itself once more which of the files it needs: a needed file stays, whatever was believed.
     *
     * @return what is gone and what is left; the journal stays as long as anything is left
     */
    public TakenAway takeAway() {
        try {
            gather();
        } catch (RuntimeException e) {
            return TakenAway.nothing(
                    Map.of(entries.prefix(), "what was staged cannot be listed: " + Failures.message(e)));
        }
        return new Taking(files(), journalled(), found -> found, any -> true, this::mayComeToBe, false).from(ops);
    }

    private boolean mayComeToBe(String file) {
        return elsewhere || UnansweredWrites.of(ops.io(), file);
    }

    /** Of each entry the file that it is about, or an empty string. */
    private synchronized Map<String, String> journalled() {
        Map<String, String> fileByEntry = new LinkedHashMap<>();
        written.forEach(entry -> fileByEntry.put(entry, ""));
        entryByFile.forEach((file, entry) -> fileByEntry.put(entry, file));
        return fileByEntry;
    }

    /**
     * Takes staged files away, and their journal.
     *
     * @param fileByEntry the journal: of each entry the file that it is about, or an empty string
     * @param free narrows down those that the table does not need to those that may go
     * @param believed whether this is the newest metadata, as far as one can tell
     * @param mayComeToBe says of a file that is not there whether it may be tomorrow; its entry stays
     * @param leaseOver whether the journal may go although nobody can say that every file is gone
     */
    record Taking(
            Collection<String> files,
            Map<String, String> fileByEntry,
            UnaryOperator<List<FoundFile>> free,
            Predicate<TableMetadata> believed,
            Predicate<String> mayComeToBe,
            boolean leaseOver) {

        TakenAway from(TableOperations ops) {
            List<TableFile> staged = data(files);
            try {
                TableMetadata now = ops.refresh();
                if (!believed.test(now)) {
                    throw new IllegalStateException(
                            "the table was read again and does not show the commit that landed");
                }
                Locations locations = Locations.of(now, ops.io());
                Listed found = Storage.find(ops.io(), locations, staged);
                List<FoundFile> asked = new ArrayList<>(found.there());
                found.unlisted().forEach(file -> asked.add(new FoundFile(file, 0)));
                DeleteResult result = Storage.delete(ops.io(), locations, free.apply(unneeded(ops, now, asked)));
                return forgotten(ops.io(), locations, result, awaited(locations, found), found.unlisted());
            } catch (RuntimeException e) {
                Map<String, String> left = new TreeMap<>();
                files.forEach(file -> left.put(file, "staged and not taken away: " + Failures.message(e)));
                return TakenAway.nothing(left);
            }
        }

        private Set<String> awaited(Locations locations, Listed found) {
            if (leaseOver) {
                return Set.of();
            }
            Set<String> awaited = new LinkedHashSet<>(files);
            found.there().forEach(there -> awaited.remove(there.file().path()));
            awaited.removeIf(file -> locations.localRoot(file).isPresent() || !mayComeToBe.test(file));
            found.unlisted().forEach(file -> awaited.add(file.path()));
            return awaited;
        }

        private TakenAway forgotten(
                FileIO io, Locations locations, DeleteResult result, Set<String> awaited, List<TableFile> unlisted) {
            List<FoundFile> deleted = result.deleted().stream()
                    .filter(gone -> !unlisted.contains(gone.file()))
                    .toList();
            Map<String, String> left = new TreeMap<>(result.left());
            if (left.isEmpty()) {
                left.putAll(remove(
                        io,
                        locations,
                        fileByEntry.entrySet().stream()
                                .filter(entry -> !awaited.contains(entry.getValue()))
                                .map(Map.Entry::getKey)
                                .toList()));
            }
            return new TakenAway(deleted, left, List.copyOf(awaited));
        }
    }

    /** Those of the files that the table does not need; none costs no look at the table's manifests. */
    static List<FoundFile> unneeded(TableOperations ops, TableMetadata now, Collection<FoundFile> there) {
        Set<TableFile> free = Set.copyOf(new LiveFiles(ops.io())
                .unneeded(now, there.stream().map(FoundFile::file).toList()));
        return there.stream().filter(found -> free.contains(found.file())).toList();
    }

    /** Ends a run whose commit landed and left nothing that has to be looked for: removes the journal. */
    public Map<String, String> settled() {
        gather();
        return remove(ops.io(), locations, written());
    }

    /**
     * Ends a run whose commit landed: takes away what it announced and the table does not need, such as the manifest
     * list of an earlier state, and then the journal.
     *
     * <p>A table that does not show the commit when it is read again, as through a cache, would call its live manifests
     * unneeded. Then nothing is deleted, and the journal stays for a later run.
     *
     * @param committed files that need no look, since the commit names them
     * @param snapshotId the snapshot that landed
     * @return what could not be taken away, with its reason; the journal stays as long as any of the files does
     */
    public Map<String, String> settled(Collection<String> committed, long snapshotId) {
        try {
            gather();
        } catch (RuntimeException e) {
            return Map.of(entries.prefix(), "what was staged cannot be listed: " + Failures.message(e));
        }
        List<String> others = new ArrayList<>(files());
        others.removeAll(Set.copyOf(committed));
        return others.isEmpty()
                ? settled()
                : new Taking(
                                others,
                                journalled(),
                                found -> found,
                                now -> now.snapshot(snapshotId) != null,
                                this::mayComeToBe,
                                false)
                        .from(ops)
                        .left();
    }

    private synchronized List<String> written() {
        return List.copyOf(written);
    }

    private static Map<String, String> remove(FileIO io, Locations locations, List<String> journal) {
        Map<String, String> left = new TreeMap<>();
        for (String entry : journal) {
            try {
                Storage.remove(io, locations, entry);
            } catch (NotFoundException gone) {
                continue;
            } catch (RuntimeException e) {
                left.put(entry, "could not be deleted: " + Failures.message(e));
            }
        }
        return left;
    }
}
