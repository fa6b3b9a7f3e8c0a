package io.sink.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.table.Failures;
import io.sink.table.FileKind;
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
 * What a run that ended before it settled left in a table: its journal entries, and the files that they name.
 *
 * @param runId the run
 * @param earlierTable the UUID of the table that it worked on, if that was another one at this table's place, or null
 * @param fileByEntry of each of its entries the file that it announced, or an empty string; some may never have come to
 *     be
 * @param leaseOver whether it is given up whatever became of its process
 */
public record AbandonedStaging(
        String runId, @Nullable String earlierTable, Map<String, String> fileByEntry, boolean leaseOver) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile(Pattern.quote(StagedFiles.PREFIX)
            + "([^.]+)\\.([^.]+)\\.[0-9]+\\.(.+)" + Pattern.quote(StagedFiles.SUFFIX));

    public AbandonedStaging {
        fileByEntry = Collections.unmodifiableMap(new LinkedHashMap<>(fileByEntry));
    }

    /**
     * What a run would find of a staging.
     *
     * @param files what is there and not needed by the table, nor by the earlier one whose they were; the others were
     *     committed, or never written
     * @param isAwaited whether nothing is there of it, and all of it may still come to be
     */
    public record Leftovers(List<FoundFile> files, boolean isAwaited) {
        public Leftovers {
            files = List.copyOf(files);
        }
    }

    /** The files that it announced. */
    public List<String> files() {
        return fileByEntry.values().stream().filter(file -> !file.isEmpty()).toList();
    }

    /** The locations of its entries. */
    public List<String> journal() {
        return List.copyOf(fileByEntry.keySet());
    }

    /**
     * A journal entry.
     *
     * @param kind of {@link StagedFiles}, or {@code broken} for one that is not whole: it is written before its file is
     *     created, so that there is none
     * @param file what it announces, or empty
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
     * @param stagings those that can be settled now, by run
     * @param notes what a person should know of those of earlier tables that cannot
     */
    public record Found(List<AbandonedStaging> stagings, List<String> notes) {
        public Found {
            stagings = List.copyOf(stagings);
            notes = List.copyOf(notes);
        }
    }

    /** The table and the run that an entry is of, by its name. */
    private record Run(String uuid, String id) {}

    /** An entry as it is listed. */
    private record Listed(
            String location, Instant since, @Nullable Owner owner) {

        boolean isOwnerGone() {
            return owner != null && owner.isGone();
        }
    }

    /** The entries whose locations begin so, but for these. */
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
     * <p>One whose process is certainly gone, or whose lease ran out. Where its commit had been sent to a server, the
     * request may still be on its way when the process is dead already, so that only the lease counts.
     *
     * @param commitsDieWithProcess whether a commit to this table's catalog cannot outlive the process that sends it
     * @param earlier says of other tables whose entries lie here whether they are gone
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
     * Entries of another table are not even read before their names and times say that they may be abandoned. Where its
     * catalog was nobody knows, so that a commit that was sent may outlive its process.
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
            AbandonedStaging staging = of(run.id(), run.uuid(), entries, now);
            boolean here = earlier.areHere(staging.files().isEmpty() ? staging.journal() : staging.files());
            if (isAbandoned(entries, now, false) && here && earlier.isGone(run.uuid())) {
                // Fails here already where that table's metadata cannot be read, so that a dry run says so too.
                staging.leftovers(ops, ops.current());
                stagings.add(staging);
            }
        } catch (RuntimeException e) {
            notes.add("what run " + run.id() + " staged of " + EarlierTables.described(run.uuid())
                    + " stays, since not all that may need it can be read: " + Failures.message(e));
        }
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
        } catch (JsonProcessingException | DateTimeException | NotFoundException e) {
            return new Entry(location, "broken", "", since, owner);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the staging journal " + location, e);
        }
    }

    /** The storage's own time counts as well: a host whose clock is wrong must not lose what it is writing. */
    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** What of the files is there, and may go. */
    public Leftovers leftovers(TableOperations ops, TableMetadata metadata) {
        List<TableFile> staged =
                files().stream().map(file -> new TableFile(file, FileKind.DATA)).toList();
        Locations locations = Locations.of(metadata, ops.io());
        List<FoundFile> there = Storage.find(ops.io(), locations, staged).there();
        boolean awaited = there.isEmpty()
                && !leaseOver
                && fileByEntry.values().stream()
                        .allMatch(file ->
                                !file.isEmpty() && locations.localRoot(file).isEmpty());
        return new Leftovers(unneededEarlier(ops, StagedFiles.unneeded(ops, metadata, there)), awaited);
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
     * Aborts what the run had begun to upload of its files and not finished. To be called before {@link #settle}, which
     * forgets the files' names.
     *
     * @return how many uploads
     * @throws RuntimeException if the storage does not let them be listed or aborted
     */
    public int abortUploads(TableOperations ops) {
        return UnfinishedUploads.abort(ops.io(), files());
    }

    /**
     * Takes away the files that neither the table nor the earlier one needs, and then the journal. Off the local disk
     * a request of a dead process may still be carried out, so that the entry of a file that is not there stays until
     * the lease ends.
     */
    public TakenAway settle(TableOperations ops) {
        return new StagedFiles.Taking(
                        files(), fileByEntry, found -> unneededEarlier(ops, found), any -> true, any -> true, leaseOver)
                .from(ops);
    }
}
