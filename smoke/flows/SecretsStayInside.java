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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import lib.Lake;
import lib.Said;
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
    private final Said said = new Said();

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
        Ended text = said.maintain(sink(server.uri(), server.uri()), "text", "lake.**");
        Ended json = said.maintain(sink(server.uri(), server.uri()), "json", "lake.**");

        assertThat(text.exit()).as("%s", text).isZero();
        assertThat(json.exit()).as("%s", json).isZero();
        assertThat(text.stderr()).contains("lake.web.events: begin");
        said.assertWithout(MARK);
    }

    @Test
    void nothing_is_seen_of_catalogs_that_cannot_be_reached() throws IOException, InterruptedException {
        String nowhere = "http://sink:" + MARK + "-rest-user-info@127.0.0.1:1/" + MARK.length();
        Ended text = said.maintain(sink(nowhere, nowhere), "text");
        Ended json = said.maintain(sink(nowhere, nowhere), "json");

        assertThat(text.exit()).as("%s", text).isEqualTo(22);
        assertThat(json.exit()).as("%s", json).isEqualTo(22);
        assertThat(text.stdout()).contains("catalog-unreachable");
        said.assertWithout(MARK);
    }

    @Test
    void nothing_is_seen_of_a_catalog_that_refuses_the_credentials() throws IOException, InterruptedException {
        server.intercept(new Interceptor() {
            @Override
            public Answer before(String method, String path) {
                return Answer.status(401, "NotAuthorizedException");
            }
        });

        Ended text = said.maintain(sink(server.uri(), server.uri()), "text", "lake.**", "tokens.**");
        Ended json = said.maintain(sink(server.uri(), server.uri()), "json", "lake.**", "tokens.**");

        assertThat(text.exit()).as("%s", text).isEqualTo(22);
        assertThat(json.exit()).as("%s", json).isEqualTo(22);
        assertThat(text.stdout()).contains("permission-denied");
        said.assertWithout(MARK);
    }

    @Test
    void nothing_is_seen_of_a_commit_that_is_refused_or_lost() throws IOException, InterruptedException {
        server.intercept(new Interceptor() {
            @Override
            public Answer before(String method, String path) {
                return method.equals("POST") && path.endsWith("/events") ? Answer.DROP : Answer.PASS;
            }
        });

        Ended lost = said.maintain(sink(server.uri(), server.uri()), "json", "lake.**");

        assertThat(lost.exit()).as("%s", lost).isEqualTo(23);
        said.assertWithout(MARK);
    }

    @Test
    void nothing_is_seen_of_a_wrong_configuration_and_of_what_explains_a_right_one()
            throws IOException, InterruptedException {
        Sink sink = sink(server.uri(), server.uri());
        Ended check = said.by(sink.run("check", "-vv"));
        assertThat(check.exit()).as("%s", check).isZero();

        sink.configured(Files.readString(directory.resolve("sink.yaml")) + "    retain-most: 3\nwebhook-token: " + MARK
                + "-unknown-key\n");
        Ended wrong = said.maintain(sink, "text");
        Ended explained = said.by(sink.run("check", "-vv", "--log-format", "json"));

        assertThat(wrong.exit()).isEqualTo(10);
        assertThat(explained.exit()).isEqualTo(10);
        said.assertWithout(MARK);
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

            Ended refused = said.maintain(sink, "json", "lake.**");
            vends.set(false);
            Ended revoked = said.maintain(sink, "text", "lake.**");

            assertThat(refused.exit()).as("%s", refused).isEqualTo(21);
            assertThat(refused.stdout()).contains("*** has ended");
            assertThat(revoked.exit()).as("%s", revoked).isEqualTo(21);
            assertThat(revoked.stdout() + revoked.stderr()).contains("not valid: ***");
            assertThat(ended.vended()).hasSizeGreaterThan(1);
            said.assertWithout(MARK);
            for (String text : said.texts()) {
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
}
