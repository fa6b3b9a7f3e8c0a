package io.sink.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.io.FileIO;

/** What journals of any run on any table name: files whose fate is that run's to say. */
public final class JournaledFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JournaledFiles() {}

    /** Whether this is a journal of a run, by its name. */
    public static boolean isJournal(String location) {
        String name = location.substring(location.lastIndexOf('/') + 1);
        return name.startsWith(StagedFiles.PREFIX) || name.startsWith(Journals.PREFIX);
    }

    /**
     * The files that a journal names. One that was cut off names what it has: an entry is written before its file is
     * created, and an expiry deletes nothing before its journal is whole.
     *
     * @throws RuntimeException if it cannot be read, or is gone: then nobody can say what it named
     */
    public static List<String> namedIn(FileIO io, String location) {
        List<String> files = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(io.newInputFile(location).newStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode entry = JSON.readTree(line);
                for (String key : List.of("file", "path")) {
                    String file = entry.path(key).asText();
                    if (!file.isEmpty()) {
                        files.add(file);
                    }
                }
            }
        } catch (JsonProcessingException cutOff) {
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the journal " + location, e);
        }
        return files;
    }
}
