package io.sink.worlds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.Captured;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs the program through its command line in this process: a hundred times as many runs as by processes of their own.
 */
final class Program {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Program() {}

    /** What one action on one table came to. */
    record Acted(String table, JsonNode json) {
        String reason() {
            return json.path("reason").asText();
        }

        String action() {
            return json.path("action").asText();
        }

        String detail() {
            return json.path("detail").asText();
        }

        List<String> deleted() {
            return texts("deleted_files");
        }

        /** Each a location, then the reason in brackets. */
        List<String> left() {
            return texts("left_files");
        }

        private List<String> texts(String name) {
            return StreamSupport.stream(json.path(name).spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
        }
    }

    /**
     * A finished run.
     *
     * @param actions what was done, in the report's order
     */
    record Ran(List<String> arguments, int exit, List<Acted> actions, String stdout, String stderr) {

        /** What came of an action on a table; of several entries for it the last. */
        @Nullable
        Acted of(String table, String action) {
            Acted found = null;
            for (Acted acted : actions) {
                if (acted.table().equals(table) && acted.action().equals(action)) {
                    found = acted;
                }
            }
            return found;
        }

        /** The reasons given for a table, whatever the action. */
        List<String> reasons(String table) {
            return actions.stream()
                    .filter(acted -> acted.table().equals(table))
                    .map(Acted::reason)
                    .toList();
        }
    }

    /** Runs a command line with this configuration, and with its locks below {@code home}. */
    static synchronized Ran run(Path configuration, Path home, List<String> command) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of("--report", "json", "--config", configuration.toString()));
        String user = System.getProperty("user.home");
        try {
            System.setProperty("user.home", home.toString());
            Captured ended = Captured.of(all.toArray(String[]::new));
            return ran(command, ended.exit(), ended.stdout(), ended.stderr());
        } finally {
            System.setProperty("user.home", user);
        }
    }

    private static Ran ran(List<String> command, int exit, String stdout, String stderr) {
        List<Acted> actions = new ArrayList<>();
        try {
            JsonNode report = stdout.isBlank() ? JSON.createObjectNode() : JSON.readTree(stdout);
            if (!stdout.isBlank()) {
                assertThat(report.path("exit_code").asInt(-1)).as(stderr).isEqualTo(exit);
            }
            for (JsonNode table : report.path("tables")) {
                String name = table.path("table").asText();
                table.path("actions").forEach(action -> actions.add(new Acted(name, action)));
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError("stdout is not one JSON document: " + stdout + stderr, e);
        }
        return new Ran(command, exit, actions, stdout, stderr);
    }
}
