package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReportSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode published = read();

    @Test
    void lists_the_codes_that_the_program_has() {
        assertThat(strings("/$defs/reason/enum")).containsExactlyElementsOf(codes(Reason.values(), Reason::code));
        assertThat(strings("/$defs/outcome/enum")).containsExactlyElementsOf(codes(Outcome.values(), Outcome::code));
        assertThat(strings("/$defs/action/properties/action/enum"))
                .containsExactlyElementsOf(codes(ActionName.values(), ActionName::code));
        assertThat(published.at("/$defs/effect/properties").fieldNames())
                .toIterable()
                .containsExactlyElementsOf(codes(Counter.values(), Counter::code));
        assertThat(published.at("/$defs/paths/maxItems").asInt()).isEqualTo(ReportFields.MOST_PATHS);
        assertThat(published.at("/$defs/header/properties/schema_version/const").asInt())
                .isEqualTo(ReportFields.SCHEMA_VERSION);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void holds_for_every_report_and_describes_every_field(List<TableReport> tables) throws IOException {
        Schema schema = strict();

        assertThat(errors(schema, JSON.readTree(Reported.by(JsonReport::new, tables))))
                .isEmpty();
        for (JsonNode line : lines(tables)) {
            assertThat(errors(schema, line)).isEmpty();
        }
    }

    static Stream<List<TableReport>> runs() {
        List<String> many = IntStream.range(0, ReportFields.MOST_PATHS + 1)
                .mapToObj(i -> "f" + i)
                .toList();
        TableReport long_ = Reported.table(
                "lake.web.long",
                new ActionResult(
                        Reason.EXPIRED,
                        "",
                        Effect.of(Counter.DATA_FILES_DELETED, many.size()),
                        new ActionResult.Files(List.of(), many, many),
                        null));
        return Stream.of(
                List.of(),
                Reported.everyReason(),
                Reported.everyHostileName(),
                List.of(long_, Reported.everyFinding()));
    }

    @Test
    void says_the_same_in_json_and_in_ndjson() throws IOException {
        List<TableReport> tables = Reported.everyReason();

        JsonNode document = JSON.readTree(Reported.by(JsonReport::new, tables));
        ObjectNode joined = JSON.createObjectNode();
        ArrayNode rows = JSON.createArrayNode();
        for (ObjectNode line : lines(tables)) {
            String type = line.remove("type").asText();
            if (type.equals("table")) {
                rows.add(line);
            } else {
                joined.setAll(line);
            }
        }
        joined.set("tables", rows);

        assertThat((Object) joined).isEqualTo(document);
    }

    @Test
    void gives_each_reason_its_remedy() throws IOException {
        for (Reason reason : Reason.values()) {
            assertThat(tableLine(reason).at("/actions/0/remedy").asText("absent"))
                    .isEqualTo(reason.remedy());
        }
    }

    @Test
    void gives_each_reason_its_own_outcome() throws IOException {
        for (Reason reason : Reason.values()) {
            for (Outcome outcome : Outcome.values()) {
                ObjectNode line = tableLine(reason);
                ((ObjectNode) line.at("/actions/0")).put("outcome", outcome.code());

                boolean valid = errors(schema(published), line).isEmpty();

                assertThat(valid).as("%s as %s", reason, outcome).isEqualTo(reason.outcome() == outcome);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void refuses_a_wrong_report(Consumer<ObjectNode> mistake) throws IOException {
        ObjectNode document = (ObjectNode) JSON.readTree(
                Reported.by(JsonReport::new, List.of(Reported.everyReason().get(0))));
        assertThat(errors(schema(published), document)).isEmpty();

        mistake.accept(document);

        assertThat(errors(schema(published), document)).isNotEmpty();
    }

    static Stream<Consumer<ObjectNode>> mistakes() {
        return Stream.of(
                json -> json.remove("run_id"),
                json -> json.put("schema_version", 2),
                json -> json.put("exit_code", 99),
                json -> json.put("started_at", "yesterday"),
                json -> json.put("interrupted_by", "SIGKILL"),
                json -> json.put("type", "table"),
                json -> at(json, "/totals").remove("failed"),
                json -> at(json, "/totals").put("done", -1),
                json -> at(json, "/tables/0").putArray("actions"),
                json -> at(json, "/tables/0").put("outcome", "ok"),
                json -> at(json, "/tables/0/before").put("snapshot_id", "9007199254740993"),
                json -> at(json, "/tables/0/actions/0").put("reason", "because"),
                json -> at(json, "/tables/0/actions/0").put("action", "vacuum"),
                json -> at(json, "/tables/0/actions/0").remove("effect"),
                json -> at(json, "/tables/0/actions/0").remove("remedy"),
                json -> at(json, "/tables/0/actions/0/effect").put("bytes_freed", 0));
    }

    @Test
    void lets_later_versions_add_fields() throws IOException {
        ObjectNode line = tableLine(Reason.EXPIRED);

        line.put("added_later", true);
        ((ObjectNode) line.at("/actions/0/effect")).put("counted_later", 3);

        assertThat(errors(schema(published), line)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "catalog", "rule"})
    void keeps_hostile_names_as_they_are(String field) throws IOException {
        List<String> names = Reported.HOSTILE;

        JsonNode document = JSON.readTree(Reported.by(JsonReport::new, Reported.everyHostileName()));

        assertThat(document.at("/tables"))
                .extracting(table -> table.get(field).asText())
                .containsExactlyElementsOf(names);
    }

    private static ObjectNode tableLine(Reason reason) throws IOException {
        TableReport table = Reported.table("lake.web.events", Reported.result(reason, ""));
        return lines(List.of(table)).get(1);
    }

    private static List<ObjectNode> lines(List<TableReport> tables) throws IOException {
        String written = Reported.by(NdjsonReport::new, tables);
        assertThat(written).endsWith("\n");
        String[] lines = written.split("\n");
        ObjectNode[] nodes = new ObjectNode[lines.length];
        for (int i = 0; i < lines.length; i++) {
            nodes[i] = (ObjectNode) JSON.readTree(lines[i]);
        }
        assertThat(nodes).hasSize(tables.size() + 2);
        return List.of(nodes);
    }

    private static ObjectNode at(ObjectNode json, String pointer) {
        return (ObjectNode) json.at(pointer);
    }

    private static List<Error> errors(Schema schema, JsonNode json) {
        return schema.validate(json);
    }

    private static Schema schema(JsonNode json) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(json);
    }

    /** The published schema is open to fields of later versions; here a field that it does not describe is an error. */
    private Schema strict() {
        ObjectNode strict = published.deepCopy();
        for (String name : List.of(
                "document",
                "run_start_line",
                "table_line",
                "summary_line",
                "state",
                "action",
                "share",
                "group",
                "snapshot_figures",
                "inspection")) {
            at(strict, "/$defs/" + name).put("unevaluatedProperties", false);
        }
        at(strict, "/$defs/effect").put("unevaluatedProperties", false);
        at(strict, "/$defs/summary/properties/totals").put("unevaluatedProperties", false);
        at(strict, "/$defs/document/properties/tables/items").put("unevaluatedProperties", false);
        return schema(strict);
    }

    private List<String> strings(String pointer) {
        return StreamSupport.stream(published.at(pointer).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static <E> List<String> codes(E[] values, Function<E, String> code) {
        return Arrays.stream(values).map(code).toList();
    }

    private static ObjectNode read() {
        try (InputStream in = ReportSchemaTest.class.getResourceAsStream("report.schema.json")) {
            return (ObjectNode) JSON.readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
