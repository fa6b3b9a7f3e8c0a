package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.RestServer;
import io.sink.testing.SignedOnly;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TokenIssuer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A REST catalog that turns away every request without a valid token. */
class RestAuthTest {
    private static final TableRef EVENTS = new TableRef("lake", List.of("web"), "events");

    @TempDir
    Path directory;

    private JdbcCatalog backend;
    private final TokenIssuer issuer = new TokenIssuer("sink", "s3cret-of-sink", Duration.ofSeconds(2));
    private RestServer server;

    @BeforeEach
    void serve_a_table_to_who_has_a_token() {
        backend = SqliteCatalog.make("lake", directory);
        backend.createNamespace(Namespace.of("web"));
        backend.createTable(TableIdentifier.of("web", "events"), Samples.SCHEMA);
        server = RestServer.guarded(backend, issuer);
    }

    @AfterEach
    void close() {
        server.close();
        backend.close();
    }

    @Test
    void a_token_is_fetched_and_renewed_for_as_long_as_the_run_takes() throws InterruptedException {
        try (TableSource source = open(Map.of("credential", issuer.credential()))) {
            BaseTable table = source.load(EVENTS);
            Instant end = Instant.now().plusSeconds(60);
            for (int commit = 0; issuer.issued().size() <= 3 && Instant.now().isBefore(end); commit++) {
                table.updateProperties().set("commit", String.valueOf(commit)).commit();
                assertThat(source.list().next()).isEqualTo(EVENTS);
                Thread.sleep(100);
            }
        }

        assertThat(issuer.issued()).hasSizeGreaterThan(3);
        assertThat(issuer.turnedAway()).isZero();
        assertThat(issuer.refusedGrants()).isZero();
    }

    @Test
    void a_wrong_secret_and_no_token_at_all_are_refused_at_the_door() {
        for (Map<String, String> wrong : List.of(
                Map.of("credential", "sink:wrong-secret"), Map.of("token", "made-up"), Map.<String, String>of())) {
            assertThatThrownBy(() -> open(wrong))
                    .isInstanceOf(CatalogUnreachableException.class)
                    .hasRootCauseInstanceOf(NotAuthorizedException.class);
        }

        assertThat(issuer.issued()).isEmpty();
        assertThat(server.requests()).noneMatch(request -> request.contains("tables"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_client", "unauthorized_client", "invalid_scope", "invalid_grant"})
    void a_refused_token_is_a_missing_permission_and_told_with_endpoint_and_scope(String error) {
        issuer.refuse(error);

        Throwable refused =
                catchThrowable(() -> open(Map.of("credential", issuer.credential(), "scope", "PRINCIPAL_ROLE:ALL")));

        assertThat(Failures.reason(refused, Reason.CATALOG_UNREACHABLE)).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(Failures.message(refused))
                .contains("no token from " + server.tokenUri(), "for scope \"PRINCIPAL_ROLE:ALL\"", error);
    }

    @Test
    void a_token_endpoint_that_cannot_be_reached_is_told_as_such() {
        Throwable unreachable = catchThrowable(
                () -> open(Map.of("credential", "a:b", "oauth2-server-uri", "http://127.0.0.1:1/token")));

        assertThat(Failures.reason(unreachable, Reason.INTERNAL_ERROR)).isEqualTo(Reason.CATALOG_UNREACHABLE);
        assertThat(Failures.message(unreachable))
                .contains("no token from http://127.0.0.1:1/token, for scope \"catalog\" (scope is not set)");
    }

    @Test
    void a_bearer_token_serves_until_it_ends() throws InterruptedException {
        try (TableSource source = open(Map.of("token", issuer.issue()))) {
            assertThat(source.load(EVENTS).schema().columns()).hasSize(2);
            Thread.sleep(2100);

            assertThatThrownBy(() -> source.load(EVENTS)).isInstanceOf(NotAuthorizedException.class);
        }
    }

    @Test
    void a_commit_with_a_revoked_token_changes_nothing() {
        try (TableSource source = open(Map.of("credential", issuer.credential()))) {
            BaseTable table = source.load(EVENTS);
            issuer.revoke();

            assertThatThrownBy(
                            () -> table.updateProperties().set("owner", "ops").commit())
                    .isInstanceOf(NotAuthorizedException.class);
        }

        assertThat(backend.loadTable(TableIdentifier.of("web", "events")).properties())
                .doesNotContainKey("owner");
    }

    @Test
    void requests_are_signed_with_aws_keys_where_the_catalog_wants_that() {
        SignedOnly door = new SignedOnly("AKIASINK", "aws-secret-of-sink");
        try (RestServer signed = RestServer.start(backend)) {
            signed.intercept(door);
            Map<String, String> properties = Map.of(
                    "uri", signed.uri(),
                    "rest.auth.type", "sigv4",
                    "rest.auth.sigv4.delegate-auth-type", "none",
                    "rest.signing-region", "eu-west-1",
                    "rest.signing-name", "s3tables",
                    "rest.access-key-id", "AKIASINK",
                    "rest.secret-access-key", "aws-secret-of-sink");
            try (TableSource source = OpenCatalogs.open("lake", "rest", properties, directory)) {
                assertThat(source.list().next()).isEqualTo(EVENTS);
                assertThat(source.load(EVENTS).schema().columns()).hasSize(2);
            }
            assertThat(door.refused()).isZero();
            assertThat(door.passed()).isGreaterThan(3);

            Map<String, String> wrong = new HashMap<>(properties);
            wrong.put("rest.secret-access-key", "another");
            assertThatThrownBy(() -> OpenCatalogs.open("lake", "rest", wrong, directory))
                    .isInstanceOf(CatalogUnreachableException.class);
            assertThat(door.refused()).isPositive();
        }
    }

    private TableSource open(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("uri", server.uri());
        all.putIfAbsent("oauth2-server-uri", server.tokenUri());
        return OpenCatalogs.open("lake", "rest", all, directory);
    }
}
