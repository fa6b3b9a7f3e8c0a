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

/** The files that journals name, of any run on any table. Only settling that run decides what becomes of them. */
public final class JournaledFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JournaledFiles() {}

    /** Whether the file is a journal, by its name. */
    public static boolean isJournal(String location) {
        String name = location.substring(location.lastIndexOf('/') + 1);
        return name.startsWith(StagedFiles.PREFIX) || name.startsWith(Journals.PREFIX);
    }

    /**
     * The files that a journal names. A journal that was cut off gives those before the cut: an entry is written before
     * its file is created, and an expiry deletes nothing before its journal is whole.
     *
     * @throws RuntimeException if the journal cannot be read or is gone, so that what it named is unknown
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
