package lib;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What must be left of a table at which {@link Writers} and compactions were at work together. */
public final class Accounts {
    private Accounts() {}

    /** Every row that was appended and not deleted is there once, with what was written and an id of its own. */
    public static void assertRows(SecondReader reader, Writers writers) throws IOException {
        Set<Long> expected = new TreeSet<>(writers.appended);
        expected.removeAll(writers.deleted);
        ObjectMapper json = new ObjectMapper();
        Set<Long> ids = new TreeSet<>();
        Set<String> rowIds = new HashSet<>();
        List<String> rows = reader.rows();
        for (String row : rows) {
            JsonNode object = json.readTree(row);
            long id = object.path("id").asLong();
            ids.add(id);
            rowIds.add(object.path("_row_id").asText());
            assertThat(object.path("name").asText()).isEqualTo("row " + id);
        }

        assertThat(ids).isEqualTo(expected);
        assertThat(rows).hasSameSizeAs(expected);
        assertThat(rowIds).hasSameSizeAs(expected);
    }

    /** Every needed file is there, and no other. */
    public static void assertNothingLeft(SecondReader reader, Path table) throws IOException {
        assertThat(reader.reachable()).allMatch(Files::exists);
        assertThat(superfluous(reader, table)).isEmpty();
    }

    /**
     * Files in a table's directory that it does not need, but for metadata files that others made: a writer that loses
     * a race in a JDBC catalog leaves its own, a compaction must not.
     */
    public static Set<Path> superfluous(SecondReader reader, Path table) throws IOException {
        TreeSet<Path> files = SavedTree.files(table);
        files.removeAll(reader.reachable());
        files.remove(table.resolve("metadata/version-hint.text"));
        ObjectMapper json = new ObjectMapper();
        for (Path file : List.copyOf(files)) {
            if (file.toString().endsWith(".metadata.json") && !isOurs(json.readTree(file.toFile()))) {
                files.remove(file);
            }
        }
        return files;
    }

    /** Whether a metadata file that never became the table was made by a compaction: its newest snapshot says so. */
    private static boolean isOurs(JsonNode metadata) {
        JsonNode newest =
                metadata.path("snapshots").path(metadata.path("snapshots").size() - 1);
        return newest.path("summary").has("sink.run-id")
                && newest.path("timestamp-ms").asLong()
                        == metadata.path("last-updated-ms").asLong();
    }
}
