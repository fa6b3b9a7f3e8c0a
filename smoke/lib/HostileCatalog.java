package lib;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A REST catalog before another, which passes every request on but those that it answers in a way that has no end. */
public final class HostileCatalog implements AutoCloseable {

    /** What is wrong with it. */
    public enum Kind {
        ENDLESS_NAMESPACES,
        ENDLESS_TABLES,
        ENDLESS_CHILDREN,
        DRIP_CONFIG,
        DRIP_LISTING,
        DRIP_LOAD,
        DRIP_COMMIT,
        RETRY_IN_A_DAY,
        REDIRECT,
        HTML,
        BAD_GATEWAY,
        NO_ROOT
    }

    private static final Duration DROP = Duration.ofMillis(200);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private final String behind;
    private final Kind kind;
    private final AtomicLong numbers = new AtomicLong();
    private final CountDownLatch met = new CountDownLatch(1);
    private volatile boolean closed;

    private HostileCatalog(Kind kind, String behind) throws IOException {
        this.kind = kind;
        this.behind = behind;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
    }

    /** Starts one before the catalog with this {@code uri}. */
    public static HostileCatalog start(Kind kind, String behind) throws IOException {
        HostileCatalog started = new HostileCatalog(kind, behind);
        started.server.start();
        return started;
    }

    /** Its {@code uri}. */
    public String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Waits until somebody asked for what it answers in its own way. */
    public void awaitVictim() throws InterruptedException {
        if (!met.await(2, TimeUnit.MINUTES)) {
            throw new AssertionError("nobody asked for what " + kind + " spoils");
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (isSpoilt(exchange)) {
                met.countDown();
                spoil(exchange, body);
            } else {
                pass(exchange, body);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isSpoilt(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        boolean listsNamespaces = path.endsWith("/namespaces");
        boolean listsTables = path.endsWith("/tables");
        boolean ofTable = path.contains("/tables/");
        return switch (kind) {
            case ENDLESS_NAMESPACES, DRIP_LISTING, NO_ROOT -> listsNamespaces;
            case ENDLESS_CHILDREN -> listsNamespaces || listsTables;
            case ENDLESS_TABLES -> listsTables;
            case DRIP_CONFIG, RETRY_IN_A_DAY, REDIRECT, HTML, BAD_GATEWAY -> true;
            case DRIP_LOAD -> ofTable && exchange.getRequestMethod().equals("GET");
            case DRIP_COMMIT -> ofTable && exchange.getRequestMethod().equals("POST");
        };
    }

    private void spoil(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        long number = numbers.incrementAndGet();
        switch (kind) {
            case ENDLESS_NAMESPACES ->
                send(
                        exchange,
                        200,
                        "{\"namespaces\":[[\"n%d\"]],\"next-page-token\":\"p%d\"}".formatted(number, number));
            case ENDLESS_TABLES ->
                send(
                        exchange,
                        200,
                        "{\"identifiers\":[{\"namespace\":[\"web\"],\"name\":\"t%d\"}],\"next-page-token\":\"p%d\"}"
                                .formatted(number, number));
            case ENDLESS_CHILDREN ->
                send(
                        exchange,
                        200,
                        exchange.getRequestURI().getPath().endsWith("/tables")
                                ? "{\"identifiers\":[]}"
                                : children(exchange.getRequestURI().getQuery()));
            case DRIP_CONFIG, DRIP_LISTING, DRIP_LOAD -> drip(exchange);
            case DRIP_COMMIT -> {
                ask(exchange, body);
                drip(exchange);
            }
            case RETRY_IN_A_DAY -> {
                exchange.getResponseHeaders().add("Retry-After", "86400");
                send(exchange, 429, "{}");
            }
            case REDIRECT -> {
                exchange.getResponseHeaders().add("Location", uri() + "/v1/config?" + number);
                send(exchange, 302, "");
            }
            case HTML -> {
                exchange.getResponseHeaders().add("Content-Type", "text/html");
                send(exchange, 200, "<html>\n<body>\n" + "<p>Please log in</p>\n".repeat(200) + "</body></html>");
            }
            case BAD_GATEWAY -> send(exchange, 502, "upstream fell over\n".repeat(1_100));
            case NO_ROOT ->
                send(
                        exchange,
                        404,
                        "{\"error\":{\"message\":\"no such warehouse\",\"type\":"
                                + "\"NoSuchNamespaceException\",\"code\":404}}");
        }
    }

    /** Two children of every namespace, whose levels may come with either separator. */
    private static String children(String query) {
        String parent = query == null || !query.contains("parent=")
                ? ""
                : query.replaceAll(".*parent=([^&]*).*", "$1").replaceAll("[\u001f.]", "\",\"");
        String above = parent.isEmpty() ? "" : "\"" + parent + "\",";
        return "{\"namespaces\":[[%s\"a\"],[%s\"b\"]]}".formatted(above, above);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    /** Space that never ends before a JSON value that never comes. */
    private void drip(HttpExchange exchange) throws InterruptedException {
        try {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            while (!closed) {
                out.write(' ');
                out.flush();
                Thread.sleep(DROP.toMillis());
            }
        } catch (IOException gone) {
            // The client has given up, as it should.
            return;
        }
    }

    private void pass(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = ask(exchange, body);
        byte[] bytes = answer.body().readAllBytes();
        answer.headers()
                .firstValue("Content-Type")
                .ifPresent(type -> exchange.getResponseHeaders().add("Content-Type", type));
        exchange.sendResponseHeaders(answer.statusCode(), bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private HttpResponse<InputStream> ask(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(behind + exchange.getRequestURI().toString()))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type != null) {
            request.header("Content-Type", type);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    @Override
    public void close() {
        closed = true;
        server.stop(0);
        threads.shutdownNow();
    }
}
