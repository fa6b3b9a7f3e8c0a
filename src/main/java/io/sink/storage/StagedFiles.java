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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a run wrote and has not committed yet. Each is recorded in the table's own storage before it is
 * created.
 *
 * <p>Each file has an entry of its own beside the table's metadata,
 * {@code sink-staged-<run id>-<random>.<table uuid>.<number>.<owner>.json}, which is never overwritten: a process that
 * dies in the middle of one leaves the others whole, a run id may be used again, and tables may share a folder. The run
 * promises not to go on, and not to commit, later than {@link #PROMISE} after its newest entry; a later run on another
 * host deletes the files only after {@link #LEASE}, so the two can never overlap.
 *
 * @ref LLP 0006#staging
 */
public final class StagedFiles {
    /** How long after its newest entry an uncommitted run of another host is given up. */
    public static final Duration LEASE = Duration.ofHours(24);

    /** How long after its newest entry a run may still commit. */
    public static final Duration PROMISE = Duration.ofHours(12);

    /** An entry about a file that is about to be created. */
    static final String FILE = "file";

    /** An entry about a metadata file, which is created in the middle of a commit. */
    static final String METADATA = "metadata";

    /** An entry that names no file: the commit may be sent from now on. */
    static final String COMMIT = "commit";

    private static final Logger LOG = LoggerFactory.getLogger(StagedFiles.class);

    static final String PREFIX = "sink-staged-";
    static final String SUFFIX = ".json";
    private final TableOperations ops;
    private final Set<Long> earlier;
    private final String journal;
    private final StagingEntries entries;
    private final Locations locations;
    private final InstantSource clock;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, String> entryByFile = new LinkedHashMap<>();
    private final List<String> written = new ArrayList<>();
    /** Files that others announced. Of a request to write them nobody here knows whether it was answered. */
    private final Set<String> gathered = new HashSet<>();

    private Instant newest;
    private volatile boolean elsewhere;

    /**
     * @param runId becomes part of the entries' names
     * @param owner this process
     */
    public StagedFiles(TableOperations ops, String runId, Owner owner, InstantSource clock) {
        this.ops = ops;
        TableMetadata before = ops.current();
        this.earlier = before.snapshots().stream().map(Snapshot::snapshotId).collect(Collectors.toUnmodifiableSet());
        this.journal = PREFIX + runId + "-" + UUID.randomUUID().toString().substring(0, 8);
        String prefix = ops.metadataFileLocation(journal + "." + before.uuid() + ".");
        this.entries = new StagingEntries(ops.io(), prefix, runId, owner.token());
        this.locations = Locations.of(before, ops.io());
        this.clock = clock;
        this.newest = clock.instant();
    }

    /**
     * Records that the file is about to be created, unless it was recorded before. If this throws, it must not be
     * created.
     */
    public void announce(String location) {
        announce(FILE, location);
    }

    /**
     * Records that a metadata file is about to be created, for a commit that is sent right after. If this throws, it
     * must not be created.
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
     * Records that the commit may be sent from now on.
     *
     * @throws IllegalStateException if the promise ran out, or another run has begun to delete the files
     */
    public void commitIsNext() {
        keepPromise();
        List<TableFile> entries = written().stream()
                .map(entry -> new TableFile(entry, FileKind.METADATA))
                .toList();
        Set<TableFile> there =
                Storage.look(ops.io(), entries).stream().map(FoundFile::file).collect(Collectors.toSet());
        entries.stream().filter(entry -> !there.contains(entry)).findFirst().ifPresent(gone -> {
            throw new IllegalStateException("entry " + gone.path() + " of the staging journal is gone: another run"
                    + " has begun to delete the staged files");
        });
        write(COMMIT, "");
    }

    /**
     * Makes sure that no commit is sent once another run may have deleted the files.
     *
     * @throws IllegalStateException if the promise ran out
     */
    public synchronized void keepPromise() {
        if (newest.plus(PROMISE).isBefore(clock.instant())) {
            throw new IllegalStateException("the last staged file was begun at " + newest + ", longer ago than "
                    + PROMISE.toHours() + " h; another run may delete the staged files");
        }
    }

    private String write(String kind, String file) {
        int number = numbers.incrementAndGet();
        Instant now = clock.instant();
        String location = entries.location(number);
        synchronized (this) {
            if (!written.isEmpty()) {
                // A new entry must not hide that the ones before it may have been given up.
                keepPromise();
            }
            written.add(location);
            newest = now;
        }
        entries.write(number, kind, file, now);
        return location;
    }

    /** An announcer for the code that writes the files; it can be serialized to another process. */
    public StagedAnnouncer announcer() {
        return new StagedAnnouncer(entries, this);
    }

    /** Notes that from now on files can be announced in other processes, without this object. */
    void announcedElsewhere() {
        elsewhere = true;
    }

    /**
     * Makes sure that each of these files has an entry.
     *
     * @throws IllegalStateException if a file has none, so that no later run could find it
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
     * @throws RuntimeException if they cannot be listed or read
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
                    gathered.add(entry.file());
                }
                newest = entry.writtenAt().isAfter(newest) ? entry.writtenAt() : newest;
            }
        }
    }

    /** How the names of this run's entries begin. The entries stay as long as any of its files is left. */
    public String journal() {
        return journal;
    }

    /** Whether no file was announced, and no announcement was begun. */
    public boolean isEmpty() {
        return written().isEmpty();
    }

    /** The announced files, in order. */
    public synchronized List<String> files() {
        return List.copyOf(entryByFile.keySet());
    }

    /** The announced files that exist, in order; all announced files if the storage cannot be asked. */
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
     * Deletes every staged file, and then the journal. Only for a run that has certainly not committed.
     *
     * <p>Reads the table again to see which of the files it needs: a needed file stays, whatever was believed.
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
        return new Taking(
                        files(),
                        journalled(),
                        LiveFiles.since(earlier, ops.io()),
                        Free::all,
                        any -> true,
                        this::mayComeToBe,
                        false)
                .from(ops);
    }

    private boolean mayComeToBe(String file) {
        boolean writtenElsewhere;
        synchronized (this) {
            writtenElsewhere = gathered.contains(file);
        }
        return writtenElsewhere || UnansweredWrites.of(ops.io(), file);
    }

    /** The file that each entry announces, by the entry's location; empty if it names none. */
    private synchronized Map<String, String> journalled() {
        Map<String, String> fileByEntry = new LinkedHashMap<>();
        written.forEach(entry -> fileByEntry.put(entry, ""));
        entryByFile.forEach((file, entry) -> fileByEntry.put(entry, file));
        return fileByEntry;
    }

    /**
     * Deletes staged files, and then their journal.
     *
     * @param fileByEntry the journal: the file that each entry announces, by the entry's location; empty if it names
     *     none
     * @param live tells which of the files the table needs
     * @param free which of the files that the table does not need may be deleted
     * @param believed whether the metadata that was read again is the newest, as far as can be told
     * @param mayComeToBe whether a file that does not exist may still be created; its entry stays
     * @param leaseOver whether the journal may be deleted although a file may still be created
     */
    record Taking(
            Collection<String> files,
            Map<String, String> fileByEntry,
            LiveFiles live,
            Function<List<FoundFile>, Free> free,
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
                Free judged = free.apply(unneeded(live, now, asked));
                DeleteResult result = Storage.delete(ops.io(), locations, judged.files());
                return forgotten(
                        ops.io(), locations, result, judged.waiting(), awaited(locations, found), found.unlisted());
            } catch (RuntimeException e) {
                Map<String, String> left = new TreeMap<>();
                files.forEach(file -> left.put(file, "staged and not deleted: " + Failures.message(e)));
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
                FileIO io,
                Locations locations,
                DeleteResult result,
                Map<String, String> waiting,
                Set<String> awaited,
                List<TableFile> unlisted) {
            List<FoundFile> deleted = result.deleted().stream()
                    .filter(gone -> !unlisted.contains(gone.file()))
                    .toList();
            Map<String, String> left = new TreeMap<>(result.left());
            left.putAll(waiting);
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

    /**
     * Of files that the table does not need, those that may be deleted.
     *
     * @param waiting why others stay for now, by path: a later run asks again
     */
    record Free(List<FoundFile> files, Map<String, String> waiting) {

        static Free all(List<FoundFile> files) {
            return new Free(files, Map.of());
        }
    }

    /** The files that the table does not need. Without files, no manifest is read. */
    static List<FoundFile> unneeded(LiveFiles live, TableMetadata now, Collection<FoundFile> there) {
        Set<TableFile> free = Set.copyOf(
                live.unneeded(now, there.stream().map(FoundFile::file).toList()));
        return there.stream().filter(found -> free.contains(found.file())).toList();
    }

    /**
     * Ends a run whose commit landed and left no file to look for: deletes the journal.
     *
     * @return the entries that could not be deleted, with the reason by location
     * @throws RuntimeException if entries of other processes cannot be listed or read
     */
    public Map<String, String> settled() {
        gather();
        return remove(ops.io(), locations, written());
    }

    /**
     * Ends a run whose commit landed: deletes the files that it announced and the table does not need, such as the
     * manifest list of an earlier state, and then the journal.
     *
     * <p>If the table does not show the commit when it is read again, for example through a cache, its live manifests
     * would seem unneeded. Then nothing is deleted, and the journal stays for a later run.
     *
     * @param committed files that need no look, since the commit names them
     * @param snapshotId the snapshot that landed
     * @return what could not be deleted, with the reason by location; the journal stays as long as any of the files
     *     does
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
                                LiveFiles.since(earlier, ops.io()),
                                Free::all,
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
