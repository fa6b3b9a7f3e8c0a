package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.RestServer;
import io.sink.testing.S3Server;
import io.sink.testing.Signing;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TokenIssuer;
import io.sink.testing.Vending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keys to the storage that come with the table, end soon, and are renewed; and what a server says that must not hold.
 */
class VendedCredentialsTest {
    private static final TableRef EVENTS = new TableRef("lake", List.of("web"), "events");

    @TempDir
    static Path directory;

    private static S3Server storage;
    private static JdbcCatalog backend;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        storage = S3Server.start(directory);
        Map<String, String> properties = new HashMap<>(SqliteCatalog.properties(directory));
        properties.putAll(storage.properties());
        properties.put("client.region", "us-east-1");
        properties.put("warehouse", "s3://lake/warehouse");
        backend = new JdbcCatalog();
        backend.initialize("lake", properties);
        backend.createNamespace(Namespace.of("web"));
        backend.createTable(TableIdentifier.of("web", "events"), Samples.SCHEMA);
    }

    @AfterAll
    static void stop() {
        backend.close();
        storage.close();
    }

    @Test
    void keys_that_end_are_renewed_under_requests_that_are_on_their_way() throws Exception {
        TokenIssuer issuer = new TokenIssuer("sink", "s3cret-of-sink", Duration.ofSeconds(2));
        try (Vending vending = Vending.of(storage, Duration.ofSeconds(2));
                RestServer server = RestServer.guarded(backend, issuer)) {
            server.intercept(vending);
            try (TableSource source =
                    open(server, Map.of("credential", issuer.credential(), "oauth2-server-uri", server.tokenUri()))) {
                BaseTable table = source.load(EVENTS);
                // However busy the machine is: until keys have ended several times, and a minute at most.
                Instant end = Instant.now().plusSeconds(60);
                Predicate<Integer> goesOn =
                        number -> Instant.now().isBefore(end) && (number < 7 || vending.renewed() < 3);
                List<CompletableFuture<Integer>> writers = new ArrayList<>();
                for (int writer = 0; writer < 3; writer++) {
                    String prefix = table.location() + "/data/" + writer + "-";
                    writers.add(CompletableFuture.supplyAsync(() -> writeWhile(goesOn, table.io(), prefix)));
                }

                int written = writers.stream().mapToInt(CompletableFuture::join).sum();

                assertThat(written).isGreaterThanOrEqualTo(21);
                assertThat(vending.renewed()).isGreaterThan(2);
                assertThat(vending.refused()).isZero();
                assertThat(issuer.turnedAway()).isZero();
            }
        }
    }

    @Test
    void no_key_is_vended_to_who_does_not_ask_for_one() {
        try (Vending vending = Vending.of(storage, Duration.ofSeconds(60));
                RestServer server = RestServer.start(backend)) {
            server.intercept(vending);
            Map<String, String> none = Map.of("header.X-Iceberg-Access-Delegation", "none");
            try (TableSource source = open(server, none)) {
                source.load(EVENTS);
            }

            assertThat(vending.vended()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "org.apache.iceberg.aws.s3.S3FileIO", "org.apache.iceberg.io.ResolvingFileIO"})
    void overrides_win_over_what_the_server_says_of_the_table_and_over_the_keys_that_it_vends(String storageClass) {
        Map<String, String> said =
                new HashMap<>(Map.of("s3.delete-enabled", "false", "s3.remote-signing-enabled", "true"));
        if (!storageClass.isEmpty()) {
            said.put("io-impl", storageClass);
        }
        Map<String, String> overrides = Map.of(
                RoutedFileIO.OVERRIDE + "s3.delete-enabled",
                "true",
                RoutedFileIO.OVERRIDE + "s3.remote-signing-enabled",
                "false",
                RoutedFileIO.OVERRIDE + "s3.endpoint",
                "http://127.0.0.1:" + storage.port(),
                RoutedFileIO.OVERRIDE + "client.refresh-credentials-enabled",
                "false",
                RoutedFileIO.OVERRIDE + "s3.access-key-id",
                S3Server.KEY_ID,
                RoutedFileIO.OVERRIDE + "s3.secret-access-key",
                S3Server.SECRET);
        try (Vending vending = Vending.of(storage, Duration.ZERO).with(said);
                RestServer server = RestServer.start(backend)) {
            server.intercept(vending);
            try (TableSource obedient = open(server, Map.of());
                    TableSource overriding = open(server, overrides)) {
                BaseTable table = overriding.load(EVENTS);
                FileIO obeying = obedient.load(EVENTS).io();
                String location = table.location() + "/data/overridden";

                assertThatThrownBy(() -> write(obeying, location))
                        .hasMessageContaining("POST v1/namespaces/web/tables/events/sign");
                write(table.io(), location);
                assertThat(storage.locate(location)).exists();
                table.io().deleteFile(location);
                assertThat(storage.locate(location)).doesNotExist();
            }
        }
    }

    /** The one who signs has the key, and the client has none at all. */
    @ParameterizedTest
    @ValueSource(strings = {"", "s3.signer.endpoint", "signer.endpoint"})
    void requests_that_the_catalog_signs_are_taken_by_the_storage(String place) {
        Signing signing = new Signing(storage, place.isEmpty() ? Map.of() : Map.of(place, "v1/aws/s3/sign"));
        try (RestServer server = RestServer.start(backend)) {
            server.intercept(signing);
            try (TableSource source = open(server, Map.of())) {
                BaseTable table = source.load(EVENTS);
                String location = table.location() + "/data/signed";
                write(table.io(), location);
                assertThat(table.io().newInputFile(location).getLength()).isEqualTo(location.length());
                ((SupportsBulkOperations) table.io()).deleteFiles(List.of(location));

                assertThat(table.io().newInputFile(location).exists()).isFalse();
                assertThat(signing.signed()).isGreaterThan(3);
                assertThat(server.requests())
                        .contains(
                                place.isEmpty()
                                        ? "POST /v1/namespaces/web/tables/events/sign"
                                        : "POST /v1/aws/s3/sign");
            }
        }
    }

    private static void write(FileIO io, String location) {
        try (PositionOutputStream out = io.newOutputFile(location).create()) {
            out.write(location.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int writeWhile(Predicate<Integer> goesOn, FileIO io, String prefix) {
        int number = 0;
        while (goesOn.test(number)) {
            String location = prefix + number++;
            write(io, location);
            assertThat(io.newInputFile(location).getLength()).isEqualTo(location.length());
            ((SupportsBulkOperations) io).deleteFiles(List.of(location));
        }
        return number;
    }

    private static TableSource open(RestServer server, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put("uri", server.uri());
        all.putIfAbsent("header.X-Iceberg-Access-Delegation", "vended-credentials");
        return OpenCatalogs.open("lake", "rest", all, directory);
    }
}
