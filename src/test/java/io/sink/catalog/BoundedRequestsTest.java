package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sink.outcome.Reason;
import io.sink.table.Failures;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that asks for a pause of a day, or whose answer drips: the request ends, and its message names the setting.
 */
@Timeout(60)
class BoundedRequestsTest {
    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private boolean drips;
    private boolean opens = true;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            if (opens && exchange.getRequestURI().getPath().equals("/v1/config")) {
                answer(exchange, 200, "{\"defaults\":{},\"overrides\":{}}");
            } else if (drips) {
                drip(exchange);
            } else {
                exchange.getResponseHeaders().set("Retry-After", "86400");
                answer(exchange, 503, "{\"error\":{\"message\":\"later\",\"type\":\"x\",\"code\":503}}");
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void a_pause_of_a_day_is_not_slept_through() {
        assertToldOf();
    }

    @Test
    void a_catalog_that_cannot_be_opened_for_it_says_so_too() {
        opens = false;
        Map<String, String> properties =
                Map.of("uri", "http://127.0.0.1:" + server.getAddress().getPort(), "request-timeout-ms", "500");

        assertThatThrownBy(() -> Catalogs.open("lake", "rest", properties, directory, given -> {}))
                .isInstanceOf(CatalogUnreachableException.class)
                .hasMessageContaining("v1/config was not answered to the end within 0.5s (request-timeout-ms)");
    }

    @Test
    void an_answer_of_a_byte_at_a_time_has_an_end() {
        drips = true;

        assertToldOf();
    }

    private void assertToldOf() {
        Map<String, String> properties =
                Map.of("uri", "http://127.0.0.1:" + server.getAddress().getPort(), "request-timeout-ms", "5000");
        try (TableSource source = Catalogs.open("lake", "rest", properties, directory, given -> {})) {
            assertThatThrownBy(() -> source.list().hasNext()).satisfies(failure -> {
                assertThat(Failures.message(failure))
                        .contains("GET v1/namespaces was not answered to the end within 5.0s (request-timeout-ms)");
                assertThat(Failures.reason(failure, Reason.INTERNAL_ERROR)).isEqualTo(Reason.CATALOG_UNREACHABLE);
            });
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** No silence is long enough for a client that bounds silences. */
    private static void drip(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            while (!Thread.currentThread().isInterrupted()) {
                body.write(' ');
                body.flush();
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
