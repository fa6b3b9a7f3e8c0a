package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.RestServer;
import io.sink.testing.RestServer.Interceptor;
import io.sink.testing.RestServer.Interceptor.Answer;
import io.sink.testing.S3Server;
import io.sink.testing.TokenIssuer;
import io.sink.testing.Vending;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import lib.Lake;
import lib.Sink;
import lib.Sink.Ended;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every secret field holds a token of its own, and none of them is ever seen, whatever the run comes to. */
class SecretsStayInside {
    private static final String MARK = "S3cr3tM4rk";
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "LAKE_CREDENTIAL", "client:" + MARK + "-env-credential",
            "DB_PASSWORD", MARK + "-env-password",
            "AWS_SECRET_ACCESS_KEY", MARK + "-ambient-key",
            "AWS_SESSION_TOKEN", MARK + "-ambient-session");

    /** The catalog that works or fails, and two beside it which no flow reaches. */
    private static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake:
                type: rest
                uri: "%s"
                rest.client.max-retries: 1
                credential: ${LAKE_CREDENTIAL}
                scope: sink
                s3.access-key-id: AKIAEXAMPLE
                s3.secret-access-key: ${file:secret-key}
                s3.session-token: %3$s-session
                header.Authorization: "Bearer %3$s-header"
                header.X-Api-Key: %3$s-api-key
                oauth2.client-secret: %3$s-oauth2-secret
              tokens:
                type: rest
                uri: "%2$s"
                rest.client.max-retries: 1
                token: %3$s-token
              ledger:
                type: jdbc
                uri: "jdbc:postgresql://sink:%3$s-user-info@127.0.0.1:1/db?password=%3$s-parameter"
                warehouse: s3://ledger
                jdbc.user: sink
                jdbc.password: ${DB_PASSWORD}
            maintenance:
              expire: { older-than: 0s, retain-last: 2 }
            """;

    @TempDir
    Path directory;

    private Lake lake;
    private RestServer server;
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void serve_a_table() throws IOException {
        lake = Lake.make(directory);
        lake.create("events", 2, Map.of()).append(1).append(2).replace(3).append(4);
        server = RestServer.start(lake.catalog());
        Files.writeString(directory.resolve("secret-key"), MARK + "-file\n");
    }

    @AfterEach
    void close() {
        server.close();
        lake.close();
    }

    @Test
    void nothing_is_seen_of_a_run_that_succeeds() throws IOException, InterruptedException {
        Ended text = run(sink(server.uri(), server.uri()), "text", "lake.**");
        Ended json = run(sink(server.uri(), server.uri()), "json", "lake.**");

        assertThat(text.exit()).as("%s", text).isZero();
        assertThat(json.exit()).as("%s", json).isZero();
        assertThat(text.stderr()).contains("lake.web.events: begin");
        assertSecretsUnseen();
    }

    @Test
    void nothing_is_seen_of_catalogs_that_cannot_be_reached() throws IOException, InterruptedException {
        String nowhere = "http://sink:" + MARK + "-rest-user-info@127.0.0.1:1/" + MARK.length();
        Ended text = run(sink(nowhere, nowhere), "text");
        Ended json = run(sink(nowhere, nowhere), "json");

        assertThat(text.exit()).as("%s", text).isEqualTo(22);
        assertThat(json.exit()).as("%s", json).isEqualTo(22);
        assertThat(text.stdout()).contains("catalog-unreachable");
        assertSecretsUnseen();
    }

    @Test
    void nothing_is_seen_of_a_catalog_that_refuses_the_credentials() throws IOException, InterruptedException {
        server.intercept(new Interceptor() {
            @Override
            public Answer before(String method, String path) {
                return Answer.status(401, "NotAuthorizedException");
            }
        });

        Ended text = run(sink(server.uri(), server.uri()), "text", "lake.**", "tokens.**");
        Ended json = run(sink(server.uri(), server.uri()), "json", "lake.**", "tokens.**");

        assertThat(text.exit()).as("%s", text).isEqualTo(22);
        assertThat(json.exit()).as("%s", json).isEqualTo(22);
        assertThat(text.stdout()).contains("permission-denied");
        assertSecretsUnseen();
    }

    @Test
    void nothing_is_seen_of_a_commit_that_is_refused_or_lost() throws IOException, InterruptedException {
        server.intercept(new Interceptor() {
            @Override
            public Answer before(String method, String path) {
                return method.equals("POST") && path.endsWith("/events") ? Answer.DROP : Answer.PASS;
            }
        });

        Ended lost = run(sink(server.uri(), server.uri()), "json", "lake.**");

        assertThat(lost.exit()).as("%s", lost).isEqualTo(23);
        assertSecretsUnseen();
    }

    @Test
    void nothing_is_seen_of_a_wrong_configuration_and_of_what_explains_a_right_one()
            throws IOException, InterruptedException {
        Sink sink = sink(server.uri(), server.uri());
        Ended check = seen(sink.run("check", "-vv"));
        assertThat(check.exit()).as("%s", check).isZero();

        sink.configured(Files.readString(directory.resolve("sink.yaml")) + "    retain-most: 3\nwebhook-token: " + MARK
                + "-unknown-key\n");
        Ended wrong = run(sink, "text");
        Ended explained = seen(sink.run("check", "-vv", "--log-format", "json"));

        assertThat(wrong.exit()).isEqualTo(10);
        assertThat(explained.exit()).isEqualTo(10);
        assertSecretsUnseen();
    }

    /** Tokens and keys that stand in no configuration, and servers that repeat them in their errors. */
    @Test
    void nothing_is_seen_of_what_servers_give_out() throws Exception {
        TokenIssuer issuer = new TokenIssuer("client", MARK + "-env-credential", Duration.ofMinutes(5));
        try (S3Server storage = S3Server.start(directory);
                Vending ended = Vending.of(storage, Duration.ZERO);
                RestServer guarded = RestServer.guarded(lake.catalog(), issuer)) {
            AtomicBoolean vends = new AtomicBoolean(true);
            guarded.intercept(new Interceptor() {
                @Override
                public Answer before(HttpServletRequest request) throws IOException {
                    if (request.getMethod().equals("POST")) {
                        issuer.revoke();
                    }
                    return vends.get() ? ended.before(request) : Answer.PASS;
                }

                @Override
                public String body(String method, String path, String body) {
                    // the table's files where only the vended keys, which have ended, could lead to them
                    return vends.get() ? ended.body(method, path, body).replace("\"/", "\"s3://lake/") : body;
                }
            });
            Sink sink = vending(guarded);

            Ended refused = run(sink, "json", "lake.**");
            vends.set(false);
            Ended revoked = run(sink, "text", "lake.**");

            assertThat(refused.exit()).as("%s", refused).isEqualTo(21);
            assertThat(refused.stdout()).contains("*** has ended");
            assertThat(revoked.exit()).as("%s", revoked).isEqualTo(21);
            assertThat(revoked.stdout() + revoked.stderr()).contains("not valid: ***");
            assertThat(ended.vended()).hasSizeGreaterThan(1);
            assertSecretsUnseen();
            for (String text : seen) {
                assertThat(text).doesNotContain(ended.vended()).doesNotContain(issuer.issued());
            }
        }
    }

    private Sink vending(RestServer guarded) throws IOException {
        return Sink.in(directory)
                .configured("""
                        version: 1
                        catalogs:
                          lake:
                            type: rest
                            uri: "%s"
                            rest.client.max-retries: 1
                            credential: ${LAKE_CREDENTIAL}
                            oauth2-server-uri: "%s"
                            header.X-Iceberg-Access-Delegation: vended-credentials
                        maintenance:
                          expire: { older-than: 0s, retain-last: 2 }
                        """.formatted(guarded.uri(), guarded.tokenUri()))
                .with("LAKE_CREDENTIAL", issuerCredential());
    }

    private static String issuerCredential() {
        return ENVIRONMENT.getOrDefault("LAKE_CREDENTIAL", "");
    }

    private Sink sink(String lakeUri, String tokensUri) throws IOException {
        Sink sink = Sink.in(directory).configured(CONFIGURATION.formatted(lakeUri, tokensUri, MARK));
        for (Map.Entry<String, String> variable : ENVIRONMENT.entrySet()) {
            sink = sink.with(variable.getKey(), variable.getValue());
        }
        return sink;
    }

    /** Maintains with everything said that can be said, in one format for log and report. */
    private Ended run(Sink sink, String format, String... tables) throws IOException, InterruptedException {
        List<String> args = new ArrayList<>(List.of(
                "maintain",
                "-vv",
                "--log-format",
                format,
                "--report",
                format,
                "--report-file",
                "report." + format,
                "--html",
                "page." + format,
                "--metrics-file",
                "metrics." + format,
                "--openlineage",
                "lineage." + format));
        args.addAll(List.of(tables));
        Ended ended = seen(sink.run(args.toArray(String[]::new)));
        for (String file : List.of("report.", "page.", "metrics.", "lineage.")) {
            Path written = directory.resolve(file + format);
            if (Files.exists(written)) {
                seen.add(Files.readString(written));
            }
        }
        return ended;
    }

    private Ended seen(Ended ended) {
        seen.add(ended.stdout());
        seen.add(ended.stderr());
        return ended;
    }

    /** The mark as it is and in base64, at each of the three places that it can have there. */
    private void assertSecretsUnseen() {
        assertThat(seen).isNotEmpty();
        for (String text : seen) {
            assertThat(text).doesNotContain(MARK);
            for (int shift = 0; shift < 3; shift++) {
                String encoded =
                        Base64.getEncoder().encodeToString(("x".repeat(shift) + MARK).getBytes(StandardCharsets.UTF_8));
                assertThat(text).doesNotContain(encoded.substring(4, 12));
            }
        }
    }
}
