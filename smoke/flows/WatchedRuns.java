package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import lib.Lake;
import lib.Sink;
import lib.Sink.Ended;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What runs leave to those who watch them: figures that outlive failures, lineage, and the trace that they are part of.
 */
class WatchedRuns {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String LAST = "sink_table_last_success_timestamp_seconds{action=\"expire\",catalog=\"lake\"";

    @TempDir
    Path directory;

    private Lake lake;
    private Sink sink;

    @BeforeEach
    void make_a_table() throws IOException {
        lake = Lake.make(directory);
        lake.create("events", 2, Map.of()).append(1).append(2).replace(3);
        sink = Sink.in(directory).configured(Lake.CONFIGURATION);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void a_failure_keeps_when_it_last_went_well_and_a_dry_run_changes_no_figure()
            throws IOException, InterruptedException {
        assertThat(sink.run("maintain", "--metrics-file", "sink.prom").exit()).isZero();
        String well = metrics();

        assertThat(sink.run("maintain", "--dry-run", "--metrics-file", "sink.prom")
                        .exit())
                .isZero();
        assertThat(metrics()).isEqualTo(well);

        Path metadata = lake.table("events").resolve("metadata");
        Files.move(metadata, metadata.resolveSibling("elsewhere"));
        Ended failed = sink.run("maintain", "--metrics-file", "sink.prom");

        assertThat(failed.exit()).as("%s", failed).isEqualTo(21);
        assertThat(metrics()).contains(line(well, LAST), line(well, "sink_run_last_success_timestamp_seconds"));
        assertThat(metrics())
                .contains("sink_run_exit_code{command=\"maintain\"} 21.0")
                .contains("outcome=\"failed\",reason=\"metadata-unreadable\",table=\"lake.web.events\"} 1.0");
    }

    @Test
    void a_file_that_cannot_be_written_ends_the_run_before_any_table() throws IOException, InterruptedException {
        for (String option : List.of("--metrics-file", "--html", "--openlineage")) {
            Ended ended = sink.run("maintain", option, "missing/file");

            assertThat(ended.exit()).as("%s %s", option, ended).isEqualTo(24);
            assertThat(ended.stderr()).contains("missing");
        }
        Ended twice = sink.run("maintain", "--html", "one", "--metrics-file", "./one");

        assertThat(twice.exit()).isEqualTo(2);
        assertThat(twice.stderr()).contains("two outputs");
        assertThat(directory.resolve("one")).doesNotExist();
        assertThat(lake.reader("events").snapshots()).hasSize(3);
    }

    @Test
    void the_trace_of_whoever_starts_it_stands_in_report_and_log() throws IOException, InterruptedException {
        Ended json = sink.with("TRACEPARENT", TRACE)
                .run("maintain", "--dry-run", "--report", "json", "-v", "--log-format", "json");
        Ended text = sink.with("TRACEPARENT", TRACE).run("maintain", "--dry-run", "-v");
        Ended wrong =
                sink.with("TRACEPARENT", "00-\u001b[31m-x").run("maintain", "--dry-run", "--report", "json", "-v");

        assertThat(json.report().json().path("traceparent").asText()).isEqualTo(TRACE);
        assertThat(json.stderr().lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(new ObjectMapper()
                                .readTree(line)
                                .at("/context/properties/traceparent")
                                .asText())
                        .isEqualTo(TRACE));
        assertThat(text.stderr().lines()).isNotEmpty().allMatch(line -> line.contains(" " + TRACE + " "));
        assertThat(wrong.report().json().path("traceparent").isNull()).isTrue();
        assertThat(wrong.stderr()).doesNotContain("\u001b");
    }

    @Test
    void a_lineage_service_hears_of_it_and_one_that_is_down_harms_nobody() throws IOException, InterruptedException {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", request -> {
            heard.add(request.getRequestHeaders().getFirst("Authorization") + " "
                    + new String(request.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            request.sendResponseHeaders(201, -1);
            request.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        Sink keyed = sink.with("OPENLINEAGE_API_KEY", "Key-0f-a-service").with("OPENLINEAGE_NAMESPACE", "nightly");

        Ended ended;
        try {
            ended = keyed.run("maintain", "--openlineage", url, "-vv");
        } finally {
            server.stop(0);
        }
        Ended down = keyed.run("maintain", "--openlineage", url, "-vv");

        assertThat(ended.exit()).as("%s", ended).isZero();
        assertThat(heard)
                .hasSize(4)
                .allMatch(event -> event.startsWith("Bearer Key-0f-a-service {"))
                .allMatch(event -> event.contains("\"namespace\":\"nightly\""));
        assertThat(heard.get(2)).contains("COMPLETE").contains("lake.web.events");
        assertThat(down.exit()).isZero();
        assertThat(down.stderr()).contains("lineage events are not sent any more");
        assertThat(ended + "\n" + down).doesNotContain("Key-0f-a-service");
    }

    private String metrics() throws IOException {
        return Files.readString(directory.resolve("sink.prom"));
    }

    private static String line(String metrics, String start) {
        return metrics.lines()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElseThrow();
    }
}
