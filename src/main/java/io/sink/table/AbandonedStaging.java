package io.sink.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * @param files the files that it announced; some may never have come to be
 * @param journal the locations of its entries
 */
public record AbandonedStaging(String runId, List<String> files, List<String> journal) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile(Pattern.quote(StagedFiles.PREFIX)
            + "([^.]+)\\.([^.]+)\\.[0-9]+\\.(.+)" + Pattern.quote(StagedFiles.SUFFIX));

    public AbandonedStaging {
        files = List.copyOf(files);
        journal = List.copyOf(journal);
    }

    /**
     * A journal entry.
     *
     * @param kind of {@link StagedFiles}, or {@code broken} for one that is not whole: it is written before its file is
     *     created, so that there is none
     * @param file what it announces, or empty
     */
    private record Entry(
            String location,
            String kind,
            String file,
            Instant writtenAt,
            @Nullable Owner owner) {}

    /**
     * The stagings that can be settled now, by run.
     *
     * <p>One whose process is certainly gone, or whose lease ran out. Where its commit had been sent to a server, the
     * request may still be on its way when the process is dead already, so that only the lease counts.
     *
     * @param commitsDieWithProcess whether a commit to this table's catalog cannot outlive the process that sends it
     */
    public static List<AbandonedStaging> find(TableOperations ops, Instant now, boolean commitsDieWithProcess) {
        if (!(ops.io() instanceof SupportsPrefixOperations listing)) {
            return List.of();
        }
        // Tables can share a folder for their metadata: what one of them staged may be committed there by now.
        String uuid = String.valueOf(ops.current().uuid());
        Map<String, List<Entry>> runs = new TreeMap<>();
        for (FileInfo found : listing.listPrefix(ops.metadataFileLocation(StagedFiles.PREFIX))) {
            String location = found.location();
            Matcher name = NAME.matcher(location.substring(location.lastIndexOf('/') + 1));
            if (name.matches() && name.group(2).equals(uuid)) {
                Owner owner = Owner.parse(name.group(3)).orElse(null);
                runs.computeIfAbsent(name.group(1), any -> new ArrayList<>())
                        .add(read(ops, location, owner, Instant.ofEpochMilli(found.createdAtMillis())));
            }
        }
        return runs.entrySet().stream()
                .filter(run -> isAbandoned(run.getValue(), now, commitsDieWithProcess))
                .map(run -> of(run.getKey(), run.getValue()))
                .toList();
    }

    private static AbandonedStaging of(String runId, List<Entry> entries) {
        return new AbandonedStaging(
                runId,
                entries.stream()
                        .filter(entry -> !entry.file().isEmpty())
                        .map(Entry::file)
                        .toList(),
                entries.stream().map(Entry::location).toList());
    }

    private static boolean isAbandoned(List<Entry> entries, Instant now, boolean commitsDieWithProcess) {
        Instant newest =
                entries.stream().map(Entry::writtenAt).max(Instant::compareTo).orElse(now);
        if (newest.plus(StagedFiles.LEASE).isBefore(now)) {
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

    /** What of the files is there and not needed by the table; the others were committed, or never written. */
    public List<FoundFile> leftovers(TableOperations ops, TableMetadata metadata) {
        List<TableFile> staged =
                files.stream().map(file -> new TableFile(file, FileKind.DATA)).toList();
        return StagedFiles.unneeded(ops, metadata, staged);
    }

    /**
     * Aborts what the run had begun to upload of its files and not finished. To be called before {@link #settle}, which
     * forgets the files' names.
     *
     * @return how many uploads
     * @throws RuntimeException if the storage does not let them be listed or aborted
     */
    public int abortUploads(TableOperations ops) {
        return UnfinishedUploads.abort(ops.io(), files);
    }

    /** Takes away the files that the table does not need, and then the journal. */
    public DeleteResult settle(TableOperations ops) {
        return StagedFiles.takeAway(ops, files, journal);
    }
}
