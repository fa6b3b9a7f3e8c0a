package lib;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.sink.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Trino on one node, in a process of its own on loopback, asked in SQL through its HTTP protocol. It reads Parquet, ORC
 * and delete files by code of its own. It needs Java 24; Maven fetches its 821 MB once.
 */
public final class Trino implements AutoCloseable {
    private static final String VERSION = "476";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private static final Path INSTALLED = Servers.PROGRAMS.resolve("trino-server-" + VERSION);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final int port;

    /**
     * What a statement came to.
     *
     * @param columns name and type of each column
     * @param rows a JSON array each, in the order in which they came
     */
    public record Answer(List<Column> columns, List<JsonNode> rows) {

        /** The rows as sorted lines, a multiset; so are the entries of each map, whose order has no meaning. */
        public List<String> lines() {
            return rows.stream().map(Answer::line).sorted().toList();
        }

        private static String line(JsonNode row) {
            try {
                return JSON.writeValueAsString(JSON.treeToValue(row, Object.class));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A column of an answer, its type as Trino spells it. */
    public record Column(String name, String type) {

        /** Whether its values can be compared with a {@link #literal}. */
        public boolean isScalar() {
            return !type.startsWith("array") && !type.startsWith("map") && !type.startsWith("row");
        }

        /** A value of an answer as an expression. */
        public String literal(JsonNode value) {
            String text = "'" + value.asText().replace("'", "''") + "'";
            return type.equals("varbinary") ? "from_base64(" + text + ")" : "CAST(" + text + " AS " + type + ")";
        }
    }

    private Trino(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** A Java that is new enough, found like that of {@link Nessie}; empty where there is none. */
    public static Optional<Path> java() throws IOException {
        return Servers.java(24);
    }

    /** Starts it with a catalog {@code lake}: that of a REST server, the tables on a storage. */
    public static Trino start(Path directory, Path java, String catalog, S3Server storage)
            throws IOException, InterruptedException {
        install();
        int port = Servers.freePort();
        Path home = Files.createDirectory(directory.resolve("trino"));
        Path catalogs = Files.createDirectory(home.resolve("catalogs"));
        // No metadata is cached, so that each answer is of the files as they are in the storage
        Files.writeString(catalogs.resolve("lake.properties"), """
            connector.name=iceberg
            iceberg.catalog.type=rest
            iceberg.rest-catalog.uri=%s
            iceberg.metadata-cache.enabled=false
            fs.native-s3.enabled=true
            s3.endpoint=http://127.0.0.1:%d
            s3.region=us-east-1
            s3.path-style-access=true
            s3.aws-access-key=%s
            s3.aws-secret-key=%s
            """.formatted(
                        catalog, storage.port(), S3Server.KEY_ID, S3Server.SECRET));
        Path configuration = Files.writeString(
                home.resolve("config.properties"), """
                    coordinator=true
                    node-scheduler.include-coordinator=true
                    http-server.http.port=%1$d
                    discovery.uri=http://127.0.0.1:%1$d
                    node.environment=smoke
                    node.bind-ip=127.0.0.1
                    node.internal-address=127.0.0.1
                    catalog.config-dir=%2$s
                    plugin.dir=%3$s
                    query.max-memory=400MB
                    query.max-memory-per-node=400MB
                    memory.heap-headroom-per-node=200MB
                    task.concurrency=2
                    """.formatted(port, catalogs, INSTALLED.resolve("plugin")));
        Path log = home.resolve("trino.log");
        ProcessBuilder server = new ProcessBuilder(
                        java.toString(),
                        "-Xmx1200m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseG1GC",
                        "-Djdk.attach.allowAttachSelf=true",
                        "-Dfile.encoding=UTF-8",
                        "-Djava.io.tmpdir=" + Files.createDirectory(home.resolve("tmp")),
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dconfig=" + configuration,
                        "-cp",
                        INSTALLED.resolve("lib") + "/*",
                        "io.trino.server.TrinoServer")
                .directory(home.toFile());
        Process process = Servers.started(server, log, "http://127.0.0.1:" + port + "/v1/info", 200);
        Trino trino = new Trino(process, port);
        trino.awaitQueries(log);
        return trino;
    }

    /** It answers before it takes statements. */
    private void awaitQueries(Path log) throws IOException, InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > until) {
                close();
                throw new IllegalStateException("Trino takes no statement:\n" + Files.readString(log));
            }
            Thread.sleep(500);
        }
    }

    /** Fetches it and unpacks what is needed: of its plugins only that for Iceberg. */
    private static void install() throws IOException, InterruptedException {
        if (Files.exists(INSTALLED)) {
            return;
        }
        Path archive =
                Servers.fetched("io.trino:trino-server:" + VERSION + ":tar.gz", "trino-server-" + VERSION + ".tar.gz");
        Path unpacked = Files.createTempDirectory(Servers.PROGRAMS, "trino-");
        run("tar", "-xzf", archive.toString(), "-C", unpacked.toString());
        Path server = unpacked.resolve(INSTALLED.getFileName());
        for (Path plugin : entries(server.resolve("plugin"))) {
            if (!plugin.endsWith("iceberg")) {
                delete(plugin);
            }
        }
        Files.move(server, INSTALLED);
        delete(unpacked);
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path file : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException("failed: " + String.join(" ", command));
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            return !ask("SELECT 1").rows().isEmpty();
        } catch (IOException | IllegalStateException e) {
            return false;
        }
    }

    /**
     * Runs a statement to its end, in UTC, in the catalog {@code lake}.
     *
     * @throws IllegalStateException with Trino's words if it fails
     */
    public Answer ask(String sql) throws IOException, InterruptedException {
        List<Column> columns = new ArrayList<>();
        List<JsonNode> rows = new ArrayList<>();
        // Without the capability timestamps end at the millisecond
        JsonNode page = sent(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/statement"))
                .header("X-Trino-User", "smoke")
                .header("X-Trino-Catalog", "lake")
                .header("X-Trino-Schema", Site.NAMESPACE)
                .header("X-Trino-Time-Zone", "UTC")
                .header("X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME")
                .POST(BodyPublishers.ofString(sql)));
        while (true) {
            if (page.has("error")) {
                JsonNode error = page.path("error");
                throw new IllegalStateException(error.path("errorName").asText() + ": "
                        + error.path("message").asText() + "\n" + sql);
            }
            if (columns.isEmpty()) {
                page.path("columns")
                        .forEach(column -> columns.add(new Column(
                                column.path("name").asText(),
                                column.path("type").asText())));
            }
            page.path("data").forEach(rows::add);
            if (!page.has("nextUri")) {
                return new Answer(columns, rows);
            }
            page = sent(HttpRequest.newBuilder(URI.create(page.path("nextUri").asText())));
        }
    }

    /** The one row of an answer, as text. */
    public List<String> row(String sql) throws IOException, InterruptedException {
        List<JsonNode> rows = ask(sql).rows();
        if (rows.size() != 1) {
            throw new IllegalStateException(rows.size() + " rows of " + sql);
        }
        return StreamSupport.stream(rows.get(0).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** The one number that a question has for an answer. */
    public long number(String sql) throws IOException, InterruptedException {
        return Long.parseLong(row(sql).get(0));
    }

    private JsonNode sent(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                client.send(request.timeout(Duration.ofMinutes(2)).build(), BodyHandlers.ofString());
        while (response.statusCode() == 503) {
            Thread.sleep(100);
            response = client.send(request.build(), BodyHandlers.ofString());
        }
        if (response.statusCode() != 200) {
            throw new IOException(response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
