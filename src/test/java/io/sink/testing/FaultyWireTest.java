package io.sink.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultyWireTest {
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpServer server;
    private FaultyWire wire;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            received.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body.length
                    + String.valueOf(exchange.getRequestHeaders().getFirst("X-Test")));
            byte[] answer = ("answer " + received.size()).getBytes();
            boolean empty = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(
                    200, empty ? -1 : exchange.getRequestURI().getPath().equals("/chunked") ? 0 : answer.length);
            if (!empty) {
                exchange.getResponseBody().write(answer);
            }
            exchange.close();
        });
        server.start();
        wire = FaultyWire.to(server.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        wire.close();
        server.stop(0);
    }

    @Test
    void carries_every_kind_of_message_over_one_connection() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(send("GET", "/plain", 0).body()).startsWith("answer ");
            assertThat(send("GET", "/chunked", 0).body()).startsWith("answer ");
            assertThat(send("HEAD", "/plain", 0).statusCode()).isEqualTo(200);
            assertThat(send("PUT", "/a?x=1", 100_000).statusCode()).isEqualTo(200);
            HttpRequest streamed = request("/b")
                    .PUT(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[70_000])))
                    .expectContinue(i == 1)
                    .build();
            assertThat(client.send(streamed, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }

        assertThat(received).hasSize(15).contains("PUT /a?x=1 100000null", "PUT /b 70000null");
        // The wire notes an exchange once the answer is through, which the client may have read by then.
        for (int i = 0; i < 250 && wire.log().size() < 15; i++) {
            Thread.sleep(20);
        }
        assertThat(wire.log()).hasSize(15).allMatch(line -> line.endsWith(" 200"));
    }

    @Test
    void a_request_that_is_cut_never_arrives_and_one_whose_answer_is_cut_does() {
        wire.plan(exchange -> exchange.method().equals("PUT") ? WireFault.cutRequest(5_000) : WireFault.cutAnswer(20));

        assertThatThrownBy(() -> send("PUT", "/a", 100_000)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> send("POST", "/a", 10)).isInstanceOf(IOException.class);

        assertThat(received).doesNotContain("PUT /a 100000null").contains("POST /a 10null");
    }

    @Test
    void answers_in_the_servers_stead_before_or_after_the_effect() throws Exception {
        wire.plan(exchange -> exchange.path().equals("/before")
                ? WireFault.refused(503, Map.of("Retry-After", "1"), "busy")
                : WireFault.replaced(409, Map.of(), "taken"));

        HttpResponse<String> before = send("PUT", "/before", 10);
        HttpResponse<String> after = send("PUT", "/after", 10);

        assertThat(before.statusCode()).isEqualTo(503);
        assertThat(before.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(before.body()).isEqualTo("busy");
        assertThat(after.statusCode()).isEqualTo(409);
        assertThat(received).containsExactly("PUT /after 10null");
    }

    @Test
    void sends_again_holds_up_and_takes_headers_away() throws Exception {
        wire.plan(exchange -> switch (exchange.path()) {
            case "/twice" -> WireFault.repeated();
            case "/slow" -> WireFault.slowAnswer(Duration.ofMillis(300));
            default -> WireFault.without("x-test");
        });

        long start = System.nanoTime();
        assertThat(send("PUT", "/twice", 10).body()).isEqualTo("answer 2");
        assertThat(send("PUT", "/slow", 10).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(299));
        client.send(request("/header").header("X-Test", "y").GET().build(), BodyHandlers.ofString());

        assertThat(received)
                .containsExactly("PUT /twice 10null", "PUT /twice 10null", "PUT /slow 10null", "GET /header 0null");
    }

    @Test
    void tells_a_query_parameter_from_one_that_begins_alike() {
        Exchange exchange = new Exchange(1, "POST", "/lake?uploadsomething&delete", Map.of());

        assertThat(exchange.asks("delete")).isTrue();
        assertThat(exchange.asks("upload")).isFalse();
        assertThat(exchange.path()).isEqualTo("/lake");
    }

    private HttpResponse<String> send(String method, String path, int bytes) throws IOException, InterruptedException {
        return client.send(
                request(path)
                        .method(
                                method,
                                bytes == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(new byte[bytes]))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(wire.uri() + path)).timeout(Duration.ofSeconds(20));
    }
}
