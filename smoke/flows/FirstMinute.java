package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Reason;
import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import io.sink.testing.RestServer.Interceptor.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lib.Lake;
import lib.Running;
import lib.Sink;
import lib.Sink.Ended;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person sees who tries the program for the first time, and the exit codes of what goes wrong then. */
class FirstMinute {
    private static final Pattern LINE =
            Pattern.compile("(?:demo\\.\\S+)? +(?:expire|load|compact) +(?:done|skipped) +([a-z-]+)(?: .*)?");

    @TempDir
    Path directory;

    @Test
    void the_demo_prints_a_report_in_which_every_line_has_a_reason() throws IOException, InterruptedException {
        Sink sink = Sink.in(directory);

        Ended demo = sink.run("demo", "lake");

        assertThat(demo.exit()).as("%s", demo).isZero();
        List<String> lines = demo.stdout().lines().toList();
        int header = lines.indexOf(lines.stream()
                .filter(line -> line.startsWith("TABLE "))
                .findFirst()
                .orElseThrow());
        List<String> tables = lines.subList(header + 1, lines.size()).stream()
                .takeWhile(line -> !line.isBlank())
                .toList();
        assertThat(tables).hasSizeGreaterThanOrEqualTo(8).allSatisfy(line -> {
            Matcher matcher = LINE.matcher(line);
            assertThat(matcher.matches()).as(line).isTrue();
            assertThat(Reason.byCode(matcher.group(1))).as(line).isPresent();
        });
        assertThat(String.join("\n", tables))
                .contains("expired", "nothing-to-expire", "gc-disabled", "no-current-snapshot", "expiry-guard")
                .contains("excluded", "compacted", "below-threshold");
        assertThat(lines.get(lines.size() - 1)).endsWith("exit 0");
        assertThat(demo.stderr().lines().filter(line -> !line.isBlank()))
                .hasSize(2)
                .anyMatch(line -> line.contains(directory.resolve("lake").toString()))
                .anyMatch(line -> line.startsWith("Running: sink maintain"));

        Ended second = sink.run("demo", "lake");

        assertThat(second.exit()).isEqualTo(2);
        assertThat(second.stdout()).isEmpty();
        assertThat(second.stderr()).contains("not empty").doesNotContain("Exception");

        // What the compaction replaced is freed by the next expiry, and after that there is nothing.
        assertThat(sink.run("maintain", "-c", "lake/sink.yaml").exit()).isZero();
        Ended again = sink.run("maintain", "-c", "lake/sink.yaml", "--report", "json");

        assertThat(again.exit()).isZero();
        assertThat(again.report().reasons().values())
                .doesNotContain("expired")
                .contains("nothing-to-expire", "excluded");
    }

    @Test
    void a_wrong_command_line_is_2() throws IOException, InterruptedException {
        assertEnds(2, "--olderthan", Sink.in(directory).run("maintain", "--olderthan", "5d"));
    }

    @Test
    void a_missing_or_wrong_configuration_is_10_with_every_problem() throws IOException, InterruptedException {
        assertEnds(10, "sink.yaml", Sink.in(directory).run("maintain"));
        Sink wrong = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  lake: { type: rest, uri: "http://127.0.0.1:1", credential: "${NOT_THERE}" }
                maintenance:
                  expire: { older-then: 5d, retain-last: none }
                """);
        Ended ended = wrong.run("maintain");
        assertEnds(10, "NOT_THERE", ended);
        assertThat(ended.stderr()).contains("older-then").contains("older-than").contains("retain-last");
    }

    @Test
    void no_table_is_12_and_fine_where_that_is_allowed() throws IOException, InterruptedException {
        try (Lake lake = Lake.make(directory)) {
            Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);

            assertThat(sink.maintain().exit()).isEqualTo(12);
            assertThat(sink.maintain("lake.web.missing").exit()).isEqualTo(12);
            assertThat(sink.maintain("--allow-empty").exit()).isZero();
            assertThat(lake.directory()).isNotEmptyDirectory();
        }
    }

    @Test
    void a_catalog_that_is_not_there_is_22() throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Sink sink = Sink.in(directory).configured(rest("http://127.0.0.1:" + port));

        assertThat(sink.maintain().reasons()).isEqualTo(Map.of("lake", "catalog-unreachable"));
        assertThat(sink.maintain().exit()).isEqualTo(22);
    }

    @Test
    void a_report_file_that_cannot_be_written_is_24_before_any_table() throws IOException, InterruptedException {
        try (Lake lake = Lake.make(directory)) {
            lake.create("events", 2, Map.of()).append(1).append(2).replace(3);
            Sink sink = Sink.in(directory).configured(Lake.CONFIGURATION);

            Ended ended = sink.run("maintain", "--report-file", "missing/report.json");

            assertEnds(24, "missing", ended);
            assertThat(lake.reader("events").snapshots()).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maintain", "tables", "check", "snapshots lake.web.events", "verify lake.web.events"})
    void an_output_that_cannot_be_written_is_24(String command) throws IOException, InterruptedException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "this system has no " + full);
        try (Lake lake = Lake.make(directory)) {
            lake.create("events", 2, Map.of()).append(1);
            ProcessBuilder sink = Sink.in(directory)
                    .configured(Lake.CONFIGURATION)
                    .prepared(command.split(" "))
                    .redirectOutput(full.toFile());

            Process process = sink.start();

            assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("stdout could not be written");
            assertThat(process.waitFor()).isEqualTo(24);
        }
    }

    @Test
    void two_runs_at_once_on_one_catalog_are_one_run_and_11() throws IOException, InterruptedException {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        try (Lake lake = Lake.make(directory);
                RestServer server = RestServer.start(lake.catalog())) {
            lake.create("events", 2, Map.of()).append(1).append(2).replace(3);
            server.intercept(new Interceptor() {
                @Override
                public Answer before(String method, String path) {
                    if (path.endsWith("/tables/events")) {
                        first.countDown();
                        await(second);
                    }
                    return Answer.PASS;
                }
            });
            Sink sink = Sink.in(directory).configured(rest(server.uri()));

            Running running = sink.start("maintain", "--report", "json");
            await(first);
            Ended refused = sink.run("maintain", "--report", "json");
            second.countDown();

            assertEnds(11, "another run", refused);
            assertThat(running.ended().report().reasons()).isEqualTo(Map.of("lake.web.events", "expired"));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String rest(String uri) {
        return """
                version: 1
                catalogs:
                  lake: { type: rest, uri: "%s", rest.client.max-retries: 1 }
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                """.formatted(uri);
    }

    /** One message that names the thing, on stderr alone. */
    private static void assertEnds(int exit, String naming, Ended ended) {
        assertThat(ended.exit()).as("%s", ended).isEqualTo(exit);
        assertThat(ended.stdout()).isEmpty();
        assertThat(ended.stderr()).contains(naming).doesNotContain("\tat ");
    }
}
