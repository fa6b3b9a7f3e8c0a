package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import io.sink.testing.RestServer.Interceptor.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import lib.Before;
import lib.Lake;
import lib.Report;
import lib.Report.Action;
import lib.Running;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A signal in the midst of a commit: the run ends at the next safe point, tells the truth, and the next one finishes.
 */
class StopsOnSignal {
    private static final int TABLES = 8;
    private static final int STRUCK = 3;

    @TempDir
    Path directory;

    private Lake lake;
    private RestServer server;
    private Sink sink;
    private final Map<String, Before> tables = new TreeMap<>();

    @BeforeEach
    void serve_tables() throws IOException {
        lake = Lake.make(directory);
        for (int i = 0; i < TABLES; i++) {
            String name = "t" + i;
            lake.create(name, 2, Map.of()).append(1, 2).replace(3).append(4).append(5);
            tables.put("lake.web." + name, lake.before(name));
        }
        server = RestServer.start(lake.catalog());
        sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  lake: { type: rest, uri: "%s" }
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                """.formatted(server.uri()));
    }

    @AfterEach
    void close() {
        server.close();
        lake.close();
    }

    @Test
    void sigterm_ends_the_run_with_143() throws IOException, InterruptedException {
        stops("TERM", 143);
    }

    @Test
    void sigint_ends_the_run_with_130() throws IOException, InterruptedException {
        stops("INT", 130);
    }

    private void stops(String signal, int exit) throws IOException, InterruptedException {
        CompletableFuture<Running> started = new CompletableFuture<>();
        server.intercept(new Interceptor() {
            @Override
            public Answer after(String method, String path) {
                if (method.equals("POST") && path.endsWith("/tables/t" + STRUCK)) {
                    strike(started.join(), signal);
                }
                return Answer.PASS;
            }
        });
        Path file = directory.resolve("report.json");

        Running running = sink.start("maintain", "--report", "json", "--report-file", file.toString());
        started.complete(running);
        Report report = running.ended().report();

        assertThat(report.exit()).as("%s", report).isEqualTo(exit);
        assertThat(report.json().path("interrupted_by").asText()).isEqualTo("SIG" + signal);
        assertThat(Files.readString(file)).isEqualTo(report.run().stdout());
        List<String> begun = new ArrayList<>();
        report.actions().forEach((name, action) -> {
            if (action.reason().equals("expired")) {
                begun.add(name);
            } else {
                assertThat(action.reason()).as(name).isEqualTo("interrupted");
            }
        });
        assertThat(begun).containsExactly("lake.web.t0", "lake.web.t1", "lake.web.t2");
        tables.forEach((name, before) -> {
            before.assertRowsKept();
            Action action = report.actions().get(name);
            if (action == null) {
                assertThat(before.expired()).as(name).isEmpty();
                assertThat(before.gone()).as(name).isEmpty();
            } else {
                before.assertTold(action);
            }
        });

        server.intercept(new Interceptor() {});
        Report next = sink.maintain();

        assertThat(next.exit()).isZero();
        assertThat(next.actions()).hasSize(TABLES);
        tables.forEach((name, before) -> {
            before.assertRowsKept();
            before.assertNothingSuperfluous();
            assertThat(before.expired()).as(name).hasSize(2);
        });
    }

    private static void strike(Running running, String signal) {
        try {
            running.signal(signal);
            running.awaitStderr("SIG" + signal + ": stopping");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
