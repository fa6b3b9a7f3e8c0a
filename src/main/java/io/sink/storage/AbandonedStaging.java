package io.sink.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.table.Failures;
import io.sink.table.FileKind;
import io.sink.table.LiveFiles;
import io.sink.table.TableFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/**
 * What a run left in a table when it ended before it settled: its journal entries, and the files that they name.
 *
 * @param runId the run
 * @param earlierTable the UUID of the earlier table at this place that the run worked on; null if it worked on this
 *     table
 * @param fileByEntry the file that each journal entry announces, by the entry's location; empty if the entry names
 *     none. Some of the files may never have been created
 * @param leaseOver whether the lease ran out, so that the run is given up even if its process may still live
 */
public record AbandonedStaging(
        String runId, @Nullable String earlierTable, Map<String, String> fileByEntry, boolean leaseOver) {
    /** An entry of which only the name is known. */
    private static final String UNREAD = "unread";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile(Pattern.quote(StagedFiles.PREFIX)
            + "([^.]+)\\.([^.]+)\\.[0-9]+\\.(.+)" + Pattern.quote(StagedFiles.SUFFIX));

    public AbandonedStaging {
        fileByEntry = Collections.unmodifiableMap(new LinkedHashMap<>(fileByEntry));
    }

    /**
     * What is left of the files of a staging.
     *
     * @param files files that exist and that no table needs; the others were committed, or never written
     * @param kept why files stay that neither the table nor the earlier table needs, by path
     * @param isAwaited whether none of the files exists, and each of them may still be created by a request that is
     *     under way
     */
    public record Leftovers(List<FoundFile> files, Map<String, String> kept, boolean isAwaited) {
        public Leftovers {
            files = List.copyOf(files);
            kept = Collections.unmodifiableMap(new TreeMap<>(kept));
        }
    }

    /** The locations of the files that the run announced. */
    public List<String> files() {
        return fileByEntry.values().stream().filter(file -> !file.isEmpty()).toList();
    }

    /** The locations of the run's journal entries. */
    public List<String> journal() {
        return List.copyOf(fileByEntry.keySet());
    }

    /**
     * A journal entry.
     *
     * @param kind one of the kinds of {@link StagedFiles}; {@code broken} for an entry that was cut off on local disk,
     *     which has no file, since an entry is written before its file is created; or {@code unread}
     * @param file the file that it announces, or empty
     */
    record Entry(
            String location,
            String kind,
            String file,
            Instant writtenAt,
            @Nullable Owner owner) {}

    /**
     * What was found.
     *
     * @param stagings the stagings that can be settled now, by run
     * @param notes a sentence for each staging of an earlier table that cannot be settled, with the reason
     */
    public record Found(List<AbandonedStaging> stagings, List<String> notes) {
        public Found {
            stagings = List.copyOf(stagings);
            notes = List.copyOf(notes);
        }
    }

    /** The table and the run that the name of an entry gives. */
    private record Run(String uuid, String id) {}

    /** An entry as it is listed. */
    private record Listed(
            String location, Instant since, @Nullable Owner owner) {

        boolean isOwnerGone() {
            return owner != null && owner.isGone();
        }
    }

    /** The entries whose locations begin with the prefix, except the known ones. */
    static List<Entry> entries(TableOperations ops, String prefix, Set<String> known) {
        if (!(ops.io() instanceof SupportsPrefixOperations listing)) {
            throw new UnsupportedOperationException(ops.io().getClass().getName() + " cannot list");
        }
        List<Listed> listed = new ArrayList<>();
        for (FileInfo found : listing.listPrefix(prefix)) {
            if (found.location().endsWith(StagedFiles.SUFFIX) && !known.contains(found.location())) {
                listed.add(new Listed(found.location(), Instant.ofEpochMilli(found.createdAtMillis()), null));
            }
        }
        return read(ops, listed);
    }

    /**
     * The stagings that can be settled now, by run.
     *
     * <p>A staging can be settled if its process is certainly gone, or if its lease ran out. If its commit was sent to
     * a server, the request may still be under way after the process died, so only the lease counts.
     *
     * @param commitsDieWithProcess whether a commit to this table's catalog cannot outlive the process that sends it
     * @param earlier tells whether other tables whose entries lie here are gone
     */
    public static Found find(TableOperations ops, Instant now, boolean commitsDieWithProcess, EarlierTables earlier) {
        if (!(ops.io() instanceof SupportsPrefixOperations listing)) {
            return new Found(List.of(), List.of());
        }
        // Tables can share a folder for their metadata: what one of them staged may be committed there by now.
        String own = String.valueOf(ops.current().uuid());
        Map<Run, List<Listed>> runs =
                new TreeMap<>(Comparator.comparing(Run::id).thenComparing(Run::uuid));
        for (FileInfo found : listing.listPrefix(ops.metadataFileLocation(StagedFiles.PREFIX))) {
            String location = found.location();
            Matcher name = NAME.matcher(location.substring(location.lastIndexOf('/') + 1));
            if (name.matches()) {
                runs.computeIfAbsent(new Run(name.group(2), name.group(1)), any -> new ArrayList<>())
                        .add(new Listed(
                                location,
                                Instant.ofEpochMilli(found.createdAtMillis()),
                                Owner.parse(name.group(3)).orElse(null)));
            }
        }
        List<AbandonedStaging> stagings = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        runs.forEach((run, listed) -> {
            if (run.uuid().equals(own)) {
                List<Entry> entries = read(ops, listed);
                if (isUnread(run.id(), entries, notes)) {
                    return;
                }
                if (isAbandoned(entries, now, commitsDieWithProcess)) {
                    stagings.add(of(run.id(), null, entries, now));
                }
            } else {
                ofEarlier(ops, run, listed, now, earlier, stagings, notes);
            }
        });
        return new Found(stagings, notes);
    }

    /**
     * Entries of another table are read only if their names and times say that they may be abandoned. The catalog of
     * that table is unknown, so a commit that was sent may outlive its process.
     *
     * @ref LLP 0006#created-anew
     */
    private static void ofEarlier(
            TableOperations ops,
            Run run,
            List<Listed> listed,
            Instant now,
            EarlierTables earlier,
            List<AbandonedStaging> stagings,
            List<String> notes) {
        boolean old = listed.stream().allMatch(entry -> leaseRanOut(entry.since(), now));
        if (!old && !listed.stream().allMatch(Listed::isOwnerGone)) {
            return;
        }
        try {
            List<Entry> entries = read(ops, listed);
            if (isUnread(run.id(), entries, notes)) {
                return;
            }
            AbandonedStaging staging = of(run.id(), run.uuid(), entries, now);
            boolean here = earlier.areHere(staging.files().isEmpty() ? staging.journal() : staging.files());
            if (isAbandoned(entries, now, false) && here && earlier.isGone(run.uuid())) {
                // Fails if that table's metadata cannot be read, so that a dry run reports it too.
                staging.unneeded(ops, ops.current());
                stagings.add(staging);
            }
        } catch (RuntimeException e) {
            notes.add("what run " + run.id() + " staged for " + EarlierTables.described(run.uuid())
                    + " stays, since not everything that may need it can be read: " + Failures.message(e));
        }
    }

    /**
     * Whether an entry is listed and cannot be read. It may name a file, or say that a commit was sent, so that nothing
     * of its run is touched.
     */
    private static boolean isUnread(String run, List<Entry> entries, List<String> notes) {
        return entries.stream()
                .filter(entry -> entry.kind().equals(UNREAD))
                .findFirst()
                .map(entry -> notes.add("what run " + run + " staged stays, since its entry " + entry.location()
                        + " is listed and cannot be read"))
                .orElse(false);
    }

    private static boolean leaseRanOut(Instant since, Instant now) {
        return since.plus(StagedFiles.LEASE).isBefore(now);
    }

    private static List<Entry> read(TableOperations ops, List<Listed> listed) {
        return listed.stream()
                .map(entry -> read(ops, entry.location(), entry.owner(), entry.since()))
                .toList();
    }

    private static AbandonedStaging of(String runId, @Nullable String earlierTable, List<Entry> entries, Instant now) {
        Map<String, String> fileByEntry = new LinkedHashMap<>();
        entries.forEach(entry -> fileByEntry.put(entry.location(), entry.file()));
        return new AbandonedStaging(runId, earlierTable, fileByEntry, leaseRanOut(newest(entries, now), now));
    }

    private static Instant newest(List<Entry> entries, Instant now) {
        return entries.stream().map(Entry::writtenAt).max(Instant::compareTo).orElse(now);
    }

    private static boolean isAbandoned(List<Entry> entries, Instant now, boolean commitsDieWithProcess) {
        if (leaseRanOut(newest(entries, now), now)) {
            return true;
        }
        boolean commitSent = entries.stream()
                .anyMatch(entry ->
                        entry.kind().equals(StagedFiles.COMMIT) || entry.kind().equals(StagedFiles.METADATA));
        return (commitsDieWithProcess || !commitSent)
                && entries.stream()
                        .allMatch(
                                entry -> entry.owner() != null && entry.owner().isGone());
    }

    private static Entry read(TableOperations ops, String location, @Nullable Owner owner, Instant since) {
        try (InputStream in = ops.io().newInputFile(location).newStream()) {
            JsonNode entry = JSON.readTree(in);
            return new Entry(
                    location,
                    entry.path("kind").asText(),
                    entry.path("file").asText(),
                    latest(since, Instant.parse(entry.path("written_at").asText())),
                    owner);
        } catch (JsonProcessingException | DateTimeException e) {
            boolean cut =
                    Locations.of(ops.current(), ops.io()).localRoot(location).isPresent();
            return new Entry(location, cut ? "broken" : UNREAD, "", since, owner);
        } catch (NotFoundException e) {
            return new Entry(location, UNREAD, "", since, owner);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the staging journal " + location, e);
        }
    }

    /** The storage's own time counts as well: a host whose clock is wrong must not lose what it is writing. */
    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /**
     * The files of this staging that exist and may be deleted.
     *
     * @param ownership tells which files other tables could need: an entry is a file as any other, and can name any
     * @throws RuntimeException if the storage or the metadata of any of the tables cannot be read
     */
    public Leftovers leftovers(TableOperations ops, TableMetadata metadata, Ownership ownership) {
        Locations locations = Locations.of(metadata, ops.io());
        List<FoundFile> there = there(ops, locations);
        boolean awaited = there.isEmpty()
                && !leaseOver
                && fileByEntry.values().stream()
                        .allMatch(file ->
                                !file.isEmpty() && locations.localRoot(file).isEmpty());
        List<FoundFile> unneeded = unneededEarlier(ops, StagedFiles.unneeded(new LiveFiles(ops.io()), metadata, there));
        Ownership.Verdict verdict = ownership.judge(files(unneeded));
        return new Leftovers(those(unneeded, verdict.free()), verdict.left(), awaited);
    }

    private List<FoundFile> there(TableOperations ops, Locations locations) {
        List<TableFile> staged =
                files().stream().map(file -> new TableFile(file, FileKind.DATA)).toList();
        return Storage.find(ops.io(), locations, staged).there();
    }

    private List<FoundFile> unneeded(TableOperations ops, TableMetadata metadata) {
        return unneededEarlier(
                ops,
                StagedFiles.unneeded(new LiveFiles(ops.io()), metadata, there(ops, Locations.of(metadata, ops.io()))));
    }

    private static List<TableFile> files(List<FoundFile> found) {
        return found.stream().map(FoundFile::file).toList();
    }

    private static List<FoundFile> those(List<FoundFile> found, List<TableFile> wanted) {
        Set<TableFile> all = Set.copyOf(wanted);
        return found.stream().filter(file -> all.contains(file.file())).toList();
    }

    /** What no table needs. The entry of a file that another table needs goes; where that is not known, it stays. */
    private StagedFiles.Free free(List<FoundFile> unneeded, Ownership ownership) {
        Ownership.Verdict verdict = ownership.judge(files(unneeded));
        Map<String, String> waiting = new TreeMap<>();
        verdict.later()
                .forEach(file -> waiting.put(
                        file.path(), verdict.left().getOrDefault(file.path(), "it could be needed by others")));
        return new StagedFiles.Free(those(unneeded, verdict.free()), waiting);
    }

    private List<FoundFile> unneededEarlier(TableOperations ops, List<FoundFile> found) {
        if (earlierTable == null) {
            return found;
        }
        Set<String> needed = EarlierTables.none(ops)
                .needed(earlierTable, found.stream().map(FoundFile::file).toList());
        return found.stream()
                .filter(file -> !needed.contains(file.file().path()))
                .toList();
    }

    /**
     * Aborts the uploads of its files that the run began and did not finish. Call it before {@link #settle}, which
     * deletes the entries that name the files.
     *
     * @return how many uploads were aborted
     * @throws RuntimeException if the storage does not let them be listed or aborted
     */
    public int abortUploads(TableOperations ops) {
        Locations locations = Locations.of(ops.current(), ops.io());
        return UnfinishedUploads.abort(
                ops.io(),
                files().stream().filter(file -> locations.refusal(file) == null).toList());
    }

    /**
     * Deletes the files that no table needs, and then the journal. In remote storage a
     * request of a dead process may still be carried out, so the entry of a file that does not exist stays until the
     * lease ends.
     */
    public TakenAway settle(TableOperations ops, Ownership ownership) {
        return new StagedFiles.Taking(
                        files(),
                        fileByEntry,
                        new LiveFiles(ops.io()),
                        found -> free(unneededEarlier(ops, found), ownership),
                        any -> true,
                        any -> true,
                        leaseOver)
                .from(ops);
    }
}
