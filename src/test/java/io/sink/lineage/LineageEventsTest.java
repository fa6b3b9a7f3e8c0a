package io.sink.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.sun.net.httpserver.HttpServer;
import io.openlineage.client.OpenLineage.RunEvent;
import io.openlineage.client.OpenLineageClientUtils;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import io.sink.report.Reported;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class LineageEventsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final InstantSource CLOCK = InstantSource.fixed(Reported.START.plusSeconds(5));

    @Test
    void tells_of_the_run_and_of_each_table_that_changed() {
        List<JsonNode> events = events(
                Reported.table("lake.web.events", Reported.result(Reason.COMPACTED, "")),
                Reported.table("lake.web.clicks", Reported.result(Reason.NOTHING_TO_EXPIRE, "")),
                Reported.table("lake.web.pages", Reported.result(Reason.COMMIT_CONFLICT, "")),
                Reported.table(
                        "lake.fin.ledger", Reported.result(Reason.PERMISSION_DENIED, "DELETE with hunter2 refused")));

        assertThat(events)
                .extracting(event -> event.at("/eventType").asText() + " "
                        + event.at("/job/name").asText())
                .containsExactly(
                        "START sink maintain",
                        "START sink maintain.lake.web.events",
                        "COMPLETE sink maintain.lake.web.events",
                        "START sink maintain.lake.web.pages",
                        "ABORT sink maintain.lake.web.pages",
                        "START sink maintain.lake.fin.ledger",
                        "FAIL sink maintain.lake.fin.ledger",
                        "FAIL sink maintain");
        JsonNode done = events.get(2);
        assertThat(done.at("/run/facets/parent/run/runId"))
                .isEqualTo(events.get(0).at("/run/runId"));
        assertThat(done.at("/inputs/0/name").asText()).isEqualTo("lake.web.events");
        assertThat(done.at("/outputs/0/outputFacets/outputStatistics/fileCount").asLong())
                .isPositive();
        assertThat(events.get(6).at("/run/facets/errorMessage/message").asText())
                .isEqualTo("permission-denied: DELETE with *** refused");
        assertThat(events)
                .extracting(event -> event.at("/job/namespace").asText())
                .containsOnly("nightly");
    }

    /** The library's types are made from the published schema. */
    @Test
    void can_be_read_back_whatever_a_table_is_called() {
        List<JsonNode> events = everything();

        assertThat(events).hasSizeGreaterThan(20).allSatisfy(event -> {
            RunEvent read = OpenLineageClientUtils.runEventFromJson(event.toString());
            assertThat(read.getRun().getRunId()).isNotNull();
            assertThat(read.getJob().getName()).startsWith("sink maintain").doesNotContain("\n", "\u001b", "\u202e");
            assertThat(read.getProducer()).hasToString("urn:sink:0.1.0");
        });
    }

    /** The schema is spec/OpenLineage.json of the project OpenLineage; it is not part of this one. */
    @Test
    @EnabledIfSystemProperty(named = "sink.openlineage.schema", matches = ".+")
    void keeps_to_the_schema_that_is_named() throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(Path.of(System.getProperty("sink.openlineage.schema"))));

        assertThat(everything())
                .allSatisfy(event -> assertThat(schema.validate(event.toString(), InputFormat.JSON))
                        .as("%s", event)
                        .isEmpty());
    }

    private static List<JsonNode> everything() {
        List<TableReport> tables = new ArrayList<>(Reported.everyReason());
        tables.addAll(Reported.everyHostileName());
        return events(tables.toArray(TableReport[]::new));
    }

    @Test
    void posts_them_with_the_key_and_stops_at_the_first_that_is_refused() throws IOException {
        List<String> heard = heard(3, at -> new LineageOverHttp(URI.create("http://" + at), "a-key"));

        String at = "/api/v1/lineage Bearer a-key ";
        assertThat(heard).containsExactly(at + "START", at + "START", at + "COMPLETE");
    }

    @Test
    void sends_the_user_of_the_url_as_basic_authentication_and_shows_neither_it_nor_the_query() throws IOException {
        List<String> heard = heard(
                9, at -> new LineageOverHttp(URI.create("http://ann:hunt%2Fer2@" + at + "/events?key=hunter3"), null));

        String basic = Base64.getEncoder().encodeToString("ann:hunt/er2".getBytes(StandardCharsets.UTF_8));
        assertThat(heard)
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request).startsWith("/events?key=hunter3 Basic " + basic));
        assertThat(LineageOverHttp.shown(URI.create("https://ann:hunter2@example.com:1/events?key=hunter3#x")))
                .isEqualTo("https://example.com:1/events");
    }

    /** What a service hears, each as path, authorization and kind of event, that refuses one event, by its number. */
    private static List<String> heard(int refused, Function<String, Consumer<RunEvent>> making) throws IOException {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", request -> {
            String body = new String(request.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            heard.add(
                    request.getRequestURI() + " " + request.getRequestHeaders().getFirst("Authorization") + " "
                            + JSON.readTree(body).at("/eventType").asText());
            request.sendResponseHeaders(heard.size() < refused ? 201 : 500, -1);
            request.close();
        });
        server.start();
        try {
            tell(
                    making.apply("127.0.0.1:" + server.getAddress().getPort()),
                    Reported.table("lake.web.events", Reported.result(Reason.COMPACTED, "")));
            return heard;
        } finally {
            server.stop(0);
        }
    }

    private static List<JsonNode> events(TableReport... tables) {
        String written = Reported.by(
                to -> new LineageEvents(new LineageLines(to), "nightly", CLOCK, text -> text.replace("hunter2", "***")),
                List.of(tables));
        return written.lines().map(LineageEventsTest::json).toList();
    }

    private static void tell(Consumer<RunEvent> to, TableReport... tables) {
        Reported.by(
                writer -> new LineageEvents(to, "nightly", CLOCK, text -> text.replace("hunter2", "***")),
                List.of(tables));
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }
}
