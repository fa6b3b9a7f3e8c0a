package lib;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.InputStream;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import lib.Sink.Ended;
import org.jspecify.annotations.Nullable;

/**
 * A run's JSON report, which its published schema allows.
 *
 * @param json the whole document
 * @param run the process that wrote it
 */
public record Report(JsonNode json, Ended run) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final @Nullable Schema SCHEMA = schema();

    /** What one action on one table came to. */
    public record Action(String table, JsonNode json) {

        public String outcome() {
            return json.path("outcome").asText();
        }

        public String reason() {
            return json.path("reason").asText();
        }

        public String detail() {
            return json.path("detail").asText();
        }

        /** One of the counters of {@code effect}; zero if it is not there. */
        public long effect(String counter) {
            return json.path("effect").path(counter).asLong(0);
        }

        public List<String> deletedFiles() {
            return texts(json.path("deleted_files"));
        }

        public List<String> leftFiles() {
            return texts(json.path("left_files"));
        }
    }

    static Report of(Ended run) {
        assertValid(run.stdout(), run);
        try {
            JsonNode json = JSON.readTree(run.stdout());
            assertThat(json.path("exit_code").asInt(-1)).as(run.toString()).isEqualTo(run.exit());
            return new Report(json, run);
        } catch (JsonProcessingException e) {
            throw new AssertionError("stdout is not one JSON document: " + run, e);
        }
    }

    /** Holds a JSON report against the published schema. */
    public static void assertValid(String report, Object about) {
        if (SCHEMA != null) {
            assertThat(SCHEMA.validate(report, InputFormat.JSON))
                    .as("%s", about)
                    .isEmpty();
        }
    }

    private static @Nullable Schema schema() {
        InputStream published = Report.class.getResourceAsStream("/io/sink/report/report.schema.json");
        return published == null
                ? null
                : SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(published);
    }

    public int exit() {
        return run.exit();
    }

    /** The number of tables with this outcome, or of all for {@code tables}. */
    public int total(String outcome) {
        return json.path("totals").path(outcome).asInt(-1);
    }

    /** The first action on each table, by the table's full name. */
    public SortedMap<String, Action> actions() {
        SortedMap<String, Action> actions = new TreeMap<>();
        json.path("tables").forEach(table -> {
            String name = table.path("table").asText();
            Action before =
                    actions.put(name, new Action(name, table.path("actions").path(0)));
            assertThat(before).as(name + " is reported twice").isNull();
        });
        return actions;
    }

    /** The last action on this table, or what kept it from any. */
    public Action lastAction(String table) {
        for (JsonNode reported : json.path("tables")) {
            JsonNode actions = reported.path("actions");
            if (reported.path("table").asText().equals(table)) {
                return new Action(table, actions.path(actions.size() - 1));
            }
        }
        throw new NoSuchElementException(table + " is not in " + json);
    }

    /** What this action came to on this table. */
    public Action action(String table, String name) {
        for (JsonNode reported : json.path("tables")) {
            for (JsonNode action : reported.path("actions")) {
                if (reported.path("table").asText().equals(table)
                        && action.path("action").asText().equals(name)) {
                    return new Action(table, action);
                }
            }
        }
        throw new NoSuchElementException(name + " of " + table + " is not in " + json);
    }

    /** The reason that each table was given, by the table's full name. */
    public SortedMap<String, String> reasons() {
        SortedMap<String, String> reasons = new TreeMap<>();
        actions().forEach((table, action) -> reasons.put(table, action.reason()));
        return reasons;
    }

    public Action action(String table) {
        Action action = actions().get(table);
        if (action == null) {
            throw new NoSuchElementException(table + " is not in " + json);
        }
        return action;
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    @Override
    public String toString() {
        return json.toPrettyString() + run.stderr();
    }
}
