package io.sink.storage;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.iceberg.io.FileIO;

/**
 * Writes the entries of one run's staging journal, in whatever process the announced files are written.
 *
 * @param io the table's storage
 * @param prefix how the locations of all entries begin, up to their number
 * @param owner the process that will commit or delete the files, wherever the entry is written: while it lives, no
 *     other run may take the files for abandoned
 */
record StagingEntries(FileIO io, String prefix, String runId, String owner) implements Serializable {
    /**
     * Writes an entry; once this returns it is durable as far as the storage is.
     *
     * @param number of the entry; no other of this run has it
     * @param file the file that it announces, or empty
     */
    void write(long number, String kind, String file, Instant now) {
        String location = location(number);
        ObjectMapper json = new ObjectMapper();
        ObjectNode entry = json.createObjectNode()
                .put("staged", 1)
                .put("run_id", runId)
                .put("kind", kind)
                .put("file", file)
                .put("written_at", now.toString());
        try (OutputStream out = io.newOutputFile(location).createOrOverwrite()) {
            out.write(json.writeValueAsString(entry).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the staging journal " + location, e);
        }
    }

    /** Where the entry of this number lies. */
    String location(long number) {
        return prefix + number + "." + owner + StagedFiles.SUFFIX;
    }
}
