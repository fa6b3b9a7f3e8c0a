package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sink.testing.PathTable;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A secret of its own is planted in every field of a configuration and in every echo of it, and every command says all
 * that it can say on terminals of every width. None of the secrets comes out.
 *
 * @ref LLP 0000#secrets
 */
class PlantedSecretsTest {
    /** In every secret, and in nothing else. */
    private static final Pattern PLANTED = Pattern.compile("(?i)P1ant[0-9a-z]{3}");

    private static final int[] COLUMNS = {20, 40, 47, 60, 73, 80, 100, 132, 200};

    /** Names under which each catalog has a secret. */
    private static final List<String> NAMES = List.of(
            "credential",
            "token",
            "oauth2.client-secret",
            "client-assertion",
            "jdbc.password",
            "jdbc.sslkey",
            "jdbc.sslPassword",
            "s3.secret-access-key",
            "s3.session-token",
            "s3.sse.key",
            "rest.auth.basic.password",
            "adls.sas-token.account.dfs.core.windows.net",
            "adls.connection-string.account",
            "gcs.oauth2.token",
            "header.Authorization",
            "header.X-Custom",
            "header.Cookie",
            "bearer",
            "jwt",
            "pin",
            "auth",
            "masterKey",
            "bearerToken",
            "basicAuth",
            "x.pat",
            "x.psk",
            "x.totp",
            "x.passcode",
            "x.pswd",
            "x.pw",
            "x.code-verifier",
            "x.saml-response",
            "x.private.pem");

    @TempDir
    Path directory;

    private final Map<String, String> planted = new LinkedHashMap<>();
    private final StringBuilder seen = new StringBuilder();
    private final ExecutorService serving = Executors.newCachedThreadPool();
    private HttpServer server;
    private Echo echo = Echo.ERROR;
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<String> configured = new CopyOnWriteArrayList<>();
    private int run;

    /** A secret that nobody has seen yet. */
    private String plant(String where) {
        return planted.computeIfAbsent(where, any -> "P1ant%03x".formatted(planted.size() + 256) + "x".repeat(6));
    }

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(serving);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        serving.shutdownNow();
    }

    private String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** What a server makes of a request that it does not like. */
    private enum Echo {
        ERROR(400, "application/json"),
        FORBIDDEN(403, "application/json"),
        PAGE(500, "text/html"),
        REDIRECT(302, "text/plain"),
        LONG(500, "application/json"),
        NO_JSON(200, "application/json"),
        BAD_JSON(200, "application/json");

        private final int status;
        private final String type;

        Echo(int status, String type) {
            this.status = status;
            this.type = type;
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (exchange.getRequestURI().getPath().startsWith("/lineage")) {
            events.add(sent);
        }
        String headers = exchange.getRequestHeaders().entrySet().stream()
                .map(header -> header.getKey() + ": " + String.join(", ", header.getValue()))
                .collect(Collectors.joining("; "));
        String all = String.join(" | ", configured);
        String given = plant("configured.credential");
        List<String> echoed = List.of(
                "you sent " + exchange.getRequestURI() + " with " + headers,
                "as " + all,
                "in a URL " + URLEncoder.encode(given + " +/", StandardCharsets.UTF_8),
                "in base64 " + Base64.getEncoder().encodeToString(given.getBytes(StandardCharsets.UTF_8)),
                "see https://bucket.example.com/key?X-Amz-Credential=" + unknown(1) + "&X-Amz-Signature=" + unknown(2)
                        + "&code=" + unknown(3),
                "or http://ann:" + unknown(4) + "@example.com/x#access_token=" + unknown(5),
                "or jdbc:oracle:thin:scott/" + unknown(6) + "@//db:1521/x",
                "or postgresql://ann:" + unknown(7) + "@db/x?sslpassword=" + unknown(8),
                "Authorization: Bearer " + unknown(9) + ".abc",
                "{\"access_token\":\"" + unknown(10) + "\",\"client_secret\" : \"" + unknown(11) + "\"}",
                "client_assertion=eyJhbGciOiJub25lIn0.eyJzdWIiOiJ" + unknown(12) + ".c2ln",
                "https://ann:p/w#" + unknown(13) + "@example.com/x");
        String text = String.join("\n", echoed);
        String body = switch (echo) {
            case ERROR, FORBIDDEN -> error(text);
            case PAGE ->
                "<!doctype html><html><head><title>Sign in " + given + "</title></head><body>" + text
                        + "</body></html>";
            case REDIRECT -> text;
            // So that wherever a text is cut, it is cut within a secret.
            case LONG -> error((given + "-").repeat(2000));
            case NO_JSON -> text;
            case BAD_JSON -> "{\"overrides\": " + given + ", \"defaults\": {}}";
        };
        exchange.getResponseHeaders().set("Content-Type", echo.type);
        if (echo == Echo.REDIRECT) {
            exchange.getResponseHeaders()
                    .set("Location", "http://ann:" + unknown(14) + "@" + host() + "/again?token=" + unknown(15));
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(echo.status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static String error(String message) {
        return "{\"error\":{\"message\":\"%s\",\"type\":\"BadRequestException\",\"code\":400}}"
                .formatted(message.replace("\"", "\\\"").replace("\n", "\\n"));
    }

    /** A secret that no configuration has. */
    private static String unknown(int number) {
        return "P1ant0%02xyyyyyyyy".formatted(number);
    }

    private Path configuration() throws IOException {
        Set<String> before = new LinkedHashSet<>(planted.values());
        StringBuilder yaml = new StringBuilder("version: 1\ncatalogs:\n");
        int i = 0;
        for (String type : List.of("rest", "jdbc", "path", "hive", "glue", "nessie", "bigquery", "custom")) {
            yaml.append("  c").append(++i).append(type).append(":\n");
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put(
                    type.equals("custom") ? "catalog-impl" : "type", type.equals("custom") ? "no.such.Catalog" : type);
            fields.put(
                    "uri",
                    switch (type) {
                        case "jdbc" ->
                            "jdbc:postgresql://ann:" + plant(type + ".userinfo")
                                    + "@127.0.0.1:1/db?connectTimeout=1&password=" + plant(type + ".parameter");
                        case "rest" -> "http://" + host() + "/catalog?api_key=" + plant(type + ".query");
                        default -> "thrift://ann:" + plant(type + ".userinfo") + "@127.0.0.1:1";
                    });
            fields.put(
                    "warehouse", type.equals("path") ? directory.resolve("none").toString() : "s3://lake/" + type);
            // Each costs a search of all that is said: all of them in one catalog, and each in one of the others.
            for (String name : type.equals("rest") ? NAMES : some(i)) {
                String secret = plant((type.equals("rest") ? "configured." : type + ".") + name);
                Path file = Files.writeString(directory.resolve(type + name + ".secret"), secret + "\n");
                fields.put(name, planted.size() % 3 == 0 ? "${file:" + file.getFileName() + "}" : secret);
            }
            fields.put("rest.client.max-retries", "1");
            fields.put(
                    "plain.proxy",
                    "http://ann:" + plant(type + ".proxy") + "@proxy:3128/?apikey=" + plant(type + ".k"));
            fields.put("plain.oracle", "jdbc:oracle:thin:scott/" + plant(type + ".oracle") + "@db");
            fields.put("plain.sqlserver", "jdbc:sqlserver://h;user=a;password={" + plant(type + ".sqlserver") + "}");
            fields.put("plain.jaas", "Login required username=a password=\\\"" + plant(type + ".jaas") + "\\\";");
            fields.forEach((key, value) ->
                    yaml.append("    ").append(key).append(": \"").append(value).append("\"\n"));
            yaml.append("    overrides: { s3.secret-access-key: ")
                    .append(plant(type + ".override"))
                    .append(" }\n");
        }
        yaml.append("  lake: { type: jdbc, uri: \"jdbc:sqlite:")
                .append(directory.resolve("catalog.db"))
                .append("\", warehouse: \"")
                .append(directory)
                .append("\", jdbc.password: ")
                .append(plant("lake.password"))
                .append(" }\nmaintenance:\n  expire: { older-than: 0s, retain-last: 1 }\n");
        yaml.append("  compact: { min-data-files: 2, min-input-files: 2 }\n");
        configured.addAll(planted.values());
        configured.removeAll(before);
        return Files.writeString(directory.resolve("sink.yaml"), yaml);
    }

    private static List<String> some(int nth) {
        return IntStream.range(0, NAMES.size())
                .filter(index -> index % 7 == nth - 2)
                .mapToObj(NAMES::get)
                .toList();
    }

    private void tables() throws IOException {
        try (JdbcCatalog catalog = SqliteCatalog.make("lake", directory)) {
            catalog.createNamespace(Namespace.of("db"));
            for (String name : List.of("sound", "broken", "wrong", "gone")) {
                TableIdentifier id = TableIdentifier.of("db", name);
                Map<String, String> properties = new LinkedHashMap<>();
                properties.put("connector.password", plant("property." + name));
                properties.put("source.url", "https://ann:" + plant("property.url." + name) + "@example.com/");
                BaseTable table = (BaseTable)
                        catalog.createTable(id, PathTable.SCHEMA, PartitionSpec.unpartitioned(), properties);
                for (long row = 0; row < 4; row++) {
                    Record record = GenericRecord.create(PathTable.SCHEMA);
                    record.setField("id", row);
                    new TableChanges(table).append(List.of(record));
                }
                table.newFastAppend()
                        .set("source.token", plant("summary." + name))
                        .set("source.url", "https://ann:" + plant("summary.url." + name) + "@example.com/")
                        .commit();
                if (name.equals("wrong")) {
                    table.updateProperties()
                            .set(
                                    "commit.retry.num-retries",
                                    "https://ann:" + plant("property.number") + "@example.com/")
                            .commit();
                }
            }
        }
        try (Stream<Path> files = Files.walk(directory.resolve("db"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().contains("/broken/") && file.toString().endsWith("-m0.avro")) {
                    Files.writeString(file, plant("file.broken"));
                }
                if (file.toString().contains("/gone/") && file.toString().endsWith(".parquet")) {
                    Files.delete(file);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Echo.class)
    void none_comes_out_of_what_a_server_echoes(Echo kind) throws IOException {
        Path configuration = configuration();
        echo = kind;
        if (kind == Echo.ERROR) {
            configured.addAll(List.of(plant("lineage.user"), plant("lineage.key")));
            said(
                    configuration,
                    List.of(
                            "maintain",
                            "--openlineage",
                            "HTTP://ann:" + plant("lineage.user") + "@" + host() + "/lineage?key="
                                    + plant("lineage.key")));
            configured.removeAll(List.of(plant("lineage.user"), plant("lineage.key")));
        }

        for (List<String> command : List.of(
                List.of("maintain"),
                List.of("check", "--connect"),
                List.of("tables"),
                List.of("snapshots", "c1rest.db.t"),
                List.of("verify", "c1rest.db.t"))) {
            said(configuration, command);
        }
        for (int columns : kind == Echo.ERROR || kind == Echo.LONG ? COLUMNS : new int[] {47}) {
            said(configuration, List.of("maintain", "c1rest.**", "c2jdbc.**"), columns, "text");
        }

        nothingCameOut();
    }

    @Test
    void none_comes_out_of_tables() throws IOException {
        tables();
        Path configuration = configuration();

        for (String format : List.of("text", "json", "ndjson")) {
            said(configuration, List.of("check"), 60, format);
            said(configuration, List.of("tables", "lake"), 60, format);
            said(configuration, List.of("snapshots", "lake.db.sound"), 60, format);
            said(configuration, List.of("inspect", "lake.**"), 60, format);
            said(configuration, List.of("verify", "lake.**"), 60, format);
            said(configuration, List.of("orphans", "lake.**"), 60, format);
            said(configuration, List.of("rollback", "lake.db.sound", "--to", "1"), 60, format);
            said(configuration, List.of("maintain", "--compact", "--rewrite-manifests", "lake.**"), 60, format);
        }

        assertThat(seen.toString()).contains("commit.retry.num-retries=https://***@example.com/");
        nothingCameOut();
    }

    @Test
    void none_comes_out_of_what_was_typed() throws IOException {
        Path configuration = configuration();
        String url = "https://ann:" + plant("typed.user") + "@example.com/?sig=" + plant("typed.query");

        for (String format : List.of("text", "json")) {
            said(configuration, List.of("maintain", url), 60, format);
            said(configuration, List.of("maintain", "--run-id", url), 60, format);
            said(configuration, List.of("maintain", "--openlineage", url + " "), 60, format);
            said(configuration, List.of("maintain", "--max-bytes", url), 60, format);
            said(configuration, List.of("maintain", "--deadline=" + url), 60, format);
            said(configuration, List.of("maintain", "--token=" + plant("typed.option")), 60, format);
            said(configuration, List.of("maintain", "--client-secret", plant("typed.argument")), 60, format);
            said(configuration, List.of("check", url), 60, format);
            said(configuration, List.of("snapshots", url, url), 60, format);
            said(configuration, List.of("rollback", "lake.db.t", "--to", url), 60, format);
            said(
                    Path.of("https://ann:" + plant("typed.file") + "@example.com/sink.yaml"),
                    List.of("check"),
                    60,
                    format);
        }

        nothingCameOut();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "webhook-token: %s",
                "maintenance: { webhook-token: %s }",
                "catalogs: { lake: { type: rest, token: %s } }",
                "catalogs: { lake: { type: rest, uri: http://h, token: *%s } }",
                "catalogs: { lake: { type: rest, uri: http://h, token: &%s x } }",
                "catalogs: { lake: { type: rest, uri: http://h, token: !%s x } }",
                "catalogs: { lake: { type: rest, uri: http://h, token: [%s] } }",
                "catalogs: { lake: { type: rest, uri: http://h, token: '%s } }",
                "catalogs: { lake: { type: rest, uri: http://h, token: %s, token: %s } }",
                "catalogs: { lake: { type: rest, uri: http://h, token: ${%s ",
                "catalogs: { lake: { type: rest, uri: http://h, token: '${A:-${%s}}' } }",
                "catalogs: { lake: { type: https://ann:%s@h } }",
                "version: https://ann:%s@h/",
                "tables: [ { match: 'https://ann:%s@h', exclude: true } ]",
                "maintenance: { expire: { older-than: 'https://ann:%s@h' } }",
                "catalogs: { lake: { type: rest, uri: http://h\n  token: %s",
                "catalogs: { lake: { type: rest, uri: http://h, token:%s } }",
            })
    void none_comes_out_of_a_wrong_configuration(String wrong) throws IOException {
        String secret = plant("wrong");
        Path configuration = Files.writeString(
                directory.resolve("sink.yaml"), wrong.replace("%s", secret).replace("\\n", "\n") + "\n");

        said(configuration, List.of("check"), 60, "text");
        said(configuration, List.of("maintain"), 47, "json");

        nothingCameOut();
    }

    private void said(Path configuration, List<String> command) throws IOException {
        int at = run++;
        said(
                configuration,
                command,
                COLUMNS[at % COLUMNS.length],
                List.of("text", "json", "ndjson").get(at % 3));
    }

    private void said(Path configuration, List<String> command, int columns, String format) throws IOException {
        List<String> all = new ArrayList<>(command);
        String name = command.get(0);
        all.addAll(List.of("-vv", "--config", configuration.toString()));
        Path files = Files.createDirectories(directory.resolve("out" + ++run));
        if (!name.equals("check")) {
            all.addAll(List.of("--report", format));
        }
        if (List.of("maintain", "inspect", "verify", "orphans", "rollback").contains(name)) {
            all.addAll(
                    List.of("--report-file", files.resolve("report." + format).toString()));
            all.addAll(List.of("--state-dir", directory.resolve("state").toString()));
        }
        if (List.of("maintain", "inspect").contains(name)) {
            all.addAll(List.of("--html", files.resolve("page.html").toString()));
        }
        if (List.of("maintain", "orphans", "rollback").contains(name)) {
            all.addAll(List.of("--metrics-file", files.resolve("metrics.prom").toString()));
        }
        if (List.of("maintain", "orphans", "rollback").contains(name) && !all.contains("--openlineage")) {
            all.addAll(List.of("--openlineage", files.resolve("lineage.jsonl").toString()));
        }
        all.addAll(List.of("--log-format", format.equals("text") ? "text" : "json"));
        output(columns, all);
        try (Stream<Path> written = Stream.concat(
                Files.walk(files),
                Files.isDirectory(directory.resolve("state")) ? Files.walk(directory.resolve("state")) : Stream.of())) {
            for (Path file : written.filter(Files::isRegularFile).toList()) {
                seen.append(file).append(":\n").append(Files.readString(file)).append('\n');
            }
        }
    }

    private void output(int columns, List<String> arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
        try {
            System.setProperty("sink.terminal", "12");
            System.setProperty("sink.columns", Integer.toString(columns));
            System.setOut(both);
            System.setErr(both);
            SinkCommand.run(arguments.toArray(String[]::new));
            System.out.flush();
            System.err.flush();
        } finally {
            System.setOut(out);
            System.setErr(err);
            System.clearProperty("sink.terminal");
            System.clearProperty("sink.columns");
        }
        seen.append(arguments.get(0))
                .append('\n')
                .append(said.toString(StandardCharsets.UTF_8))
                .append('\n');
    }

    /** Neither as it is nor in base64, nor broken over lines or cut. */
    private void nothingCameOut() {
        events.forEach(seen::append);
        String text = seen.toString();
        Set<String> out = new LinkedHashSet<>();
        Matcher matcher = PLANTED.matcher(text.replaceAll("\\R\\s*", ""));
        while (matcher.find()) {
            out.add(matcher.group());
        }
        matcher = PLANTED.matcher(text);
        while (matcher.find()) {
            out.add(matcher.group());
        }
        Map<String, String> where = new LinkedHashMap<>();
        planted.forEach((place, secret) -> where.put(secret.substring(0, 8).toLowerCase(Locale.ROOT), place));
        assertThat(out.stream()
                        .map(secret -> where.getOrDefault(secret.toLowerCase(Locale.ROOT), "") + " " + secret
                                + " in ..." + around(text, secret))
                        .toList())
                .isEmpty();
        for (int shift = 0; shift < 3; shift++) {
            String encoded =
                    Base64.getEncoder().encodeToString(("x".repeat(shift) + "P1ant1").getBytes(StandardCharsets.UTF_8));
            assertThat(text)
                    .doesNotContain(
                            encoded.substring(4, 8) + encoded.substring(8).replaceAll("=.*", ""));
        }
    }

    private static String around(String text, String secret) {
        int at = text.indexOf(secret);
        return at < 0 ? "broken over lines" : text.substring(Math.max(0, at - 160), Math.min(text.length(), at + 60));
    }
}
