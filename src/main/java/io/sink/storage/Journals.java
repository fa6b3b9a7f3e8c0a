package io.sink.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.table.FileKind;
import io.sink.table.TableFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the journals of expiries in a table's metadata folder. A journal has one JSON object per line: the first
 * describes the run, each of the others a file.
 *
 * <p>A journal is named {@code sink-journal-<run id>.<owner>.<table uuid>.ndjson}. If the storage cannot list, the name
 * is always {@code sink-journal-only.<table uuid>.ndjson}.
 *
 * @ref LLP 0006#journal
 */
public final class Journals {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String PREFIX = "sink-journal-";
    private static final String SUFFIX = ".ndjson";

    private final TableOperations ops;
    private final Locations locations;

    /** @param ops the table, in whose metadata folder the journals lie */
    public Journals(TableOperations ops) {
        this.ops = ops;
        this.locations = Locations.of(ops.current(), ops.io());
    }

    /** Where the journal of this run lies, or would lie. */
    public String location(String runId) {
        return ops.metadataFileLocation(
                PREFIX + (canList() ? runId + "." + Owner.current().token() : "only") + suffix());
    }

    /**
     * Writes the journal; once this returns it is durable as far as the storage is.
     *
     * @throws RuntimeException if it cannot be written
     */
    public void write(Journal journal) {
        try (OutputStream out =
                ops.io().newOutputFile(location(journal.runId())).createOrOverwrite()) {
            ObjectNode head = JSON.createObjectNode()
                    .put("journal", 1)
                    .put("action", "expire")
                    .put("run_id", journal.runId())
                    .put("host", journal.host())
                    .put("written_at", journal.writtenAt().toString())
                    .put("files", journal.files().size());
            journal.snapshotIds().forEach(head.putArray("snapshot_ids")::add);
            head.put("main", journal.main());
            writeLine(out, head);
            for (TableFile file : journal.files()) {
                writeLine(
                        out,
                        JSON.createObjectNode()
                                .put("path", file.path())
                                .put("kind", file.kind().name()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the journal " + location(journal.runId()), e);
        }
    }

    private static void writeLine(OutputStream out, JsonNode node) throws IOException {
        out.write((JSON.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A journal's file.
     *
     * @param since when it was written, by the storage's clock; {@link Instant#MAX} where the storage cannot list
     * @param writerIsGone whether it is certain that the process that wrote it is gone
     * @param table the UUID of the table that it belongs to
     */
    public record Found(String location, Instant since, boolean writerIsGone, String table) {}

    /** Whether the journal belongs to this table, and not to another with the same metadata folder. */
    public boolean isOwn(Found journal) {
        return journal.location().endsWith(suffix());
    }

    /** Every journal in the folder, of whichever table. If the storage cannot list, only this table's own. */
    public List<Found> everyone() {
        if (!canList()) {
            String only = location("");
            return ops.io().newInputFile(only).exists()
                    ? List.of(new Found(
                            only,
                            Instant.MAX,
                            false,
                            String.valueOf(ops.current().uuid())))
                    : List.of();
        }
        FileIO io = ops.io();
        Iterable<FileInfo> found = ((SupportsPrefixOperations) io).listPrefix(ops.metadataFileLocation(PREFIX));
        return StreamSupport.stream(found.spliterator(), false)
                .filter(file -> file.location().endsWith(SUFFIX))
                .map(Journals::found)
                .sorted(Comparator.comparing(Found::location))
                .toList();
    }

    /** Reads the name alone, which is whole even if the content was cut off. */
    private static Found found(FileInfo file) {
        String location = file.location();
        String name = location.substring(location.lastIndexOf('/') + 1, location.length() - SUFFIX.length());
        int table = name.lastIndexOf('.');
        int owner = name.indexOf('.');
        boolean writerIsGone = owner >= 0
                && owner < table
                && Owner.parse(name.substring(owner + 1, table))
                        .map(Owner::isGone)
                        .orElse(false);
        return new Found(
                location, Instant.ofEpochMilli(file.createdAtMillis()), writerIsGone, name.substring(table + 1));
    }

    /**
     * Reads a journal.
     *
     * @return the journal; null if it is not whole, because its run ended while writing it, before it did anything else
     * @throws NotFoundException if it was deleted meanwhile
     */
    public @Nullable Journal read(String location) {
        InputFile input = ops.io().newInputFile(location);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(input.newStream(), StandardCharsets.UTF_8))) {
            String first = lines.readLine();
            if (first == null) {
                return null;
            }
            JsonNode head = JSON.readTree(first);
            List<TableFile> files = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode file = JSON.readTree(line);
                files.add(new TableFile(
                        file.path("path").asText(),
                        FileKind.valueOf(file.path("kind").asText())));
            }
            if (files.size() != head.path("files").asInt(-1)) {
                return null;
            }
            List<Long> ids = new ArrayList<>();
            head.path("snapshot_ids").forEach(id -> ids.add(id.asLong()));
            return new Journal(
                    head.path("run_id").asText(),
                    head.path("host").asText(),
                    Instant.parse(head.path("written_at").asText()),
                    ids,
                    head.hasNonNull("main") ? head.path("main").asLong() : null,
                    files);
        } catch (JsonProcessingException | IllegalArgumentException | java.time.DateTimeException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the journal " + location, e);
        }
    }

    /**
     * Deletes a journal, if it is still there.
     *
     * @throws RuntimeException if it cannot be deleted
     */
    public void remove(String location) {
        try {
            Storage.remove(ops.io(), locations, location);
        } catch (NotFoundException gone) {
            return;
        }
    }

    /** Tables can share a metadata folder, and a file in the journal of one can be a live file of another. */
    private String suffix() {
        return "." + ops.current().uuid() + SUFFIX;
    }

    private boolean canList() {
        return ops.io() instanceof SupportsPrefixOperations;
    }
}
