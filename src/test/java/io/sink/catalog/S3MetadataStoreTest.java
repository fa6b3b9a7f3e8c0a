package io.sink.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.Exchange;
import io.sink.testing.FaultyWire;
import io.sink.testing.S3Server;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3MetadataStoreTest {
    private static final byte[] OURS = "{\"ours\":1}".getBytes(UTF_8);
    private static final byte[] OTHERS = "{\"others\":1}".getBytes(UTF_8);
    private static final String NEXT = "v2.metadata.json";

    @TempDir
    static Path folder;

    private static S3Server server;
    private static int tables;

    private FaultyWire wire;
    private Opened through;
    private S3Location metadata;

    /** Storage and requests with the same properties. */
    private record Opened(RoutedFileIO io, S3Requests requests) implements AutoCloseable {
        static Opened with(Map<String, String> properties) {
            RoutedFileIO io = new RoutedFileIO();
            io.initialize(properties);
            return new Opened(io, new S3Requests(io.properties()));
        }

        @Override
        public void close() {
            requests.close();
            io.close();
        }
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() {
        wire = FaultyWire.to(server.port());
        Map<String, String> properties = new HashMap<>(S3Server.properties(wire.uri()));
        properties.put("s3.retry.num-retries", "2");
        through = Opened.with(properties);
        metadata = S3Location.of("s3://lake/t" + ++tables + "/metadata");
    }

    @AfterEach
    void disconnect() {
        through.close();
        wire.close();
    }

    @Test
    void lists_the_versions_of_its_own_directory_in_all_their_forms_and_nothing_else() throws IOException {
        for (String name : new String[] {
            "metadata/v1.metadata.json",
            "metadata/v2.gz.metadata.json",
            "metadata/v3.metadata.json.gz",
            "metadata/v12.metadata.json",
            "metadata/v04.metadata.json",
            "metadata/v5.metadata.json/v6.metadata.json",
            "metadata/version-hint.text",
            "metadata/00001-a.metadata.json",
            "metadata2/v7.metadata.json"
        }) {
            Path file = server.locate("s3://lake/t" + tables).resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }

        assertThat(store().versions()).extracting(MetadataVersion::number).containsExactlyInAnyOrder(1L, 2L, 3L, 12L);
        assertThat(store().holdsVersions()).isTrue();
    }

    /** Whoever took an old version for the current one would delete what the newest one needs. */
    @Test
    void versions_that_a_listing_does_not_have_yet_are_found() throws IOException {
        for (int number = 1; number <= 4; number++) {
            Path file = server.locate(metadata.toString()).resolve("v" + number + ".gz.metadata.json");
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        wire.plan(exchange -> exchange.asks("list-type")
                ? WireFault.replaced(200, Map.of("Content-Type", "application/xml"), """
                        <ListBucketResult><Name>lake</Name><IsTruncated>false</IsTruncated><Contents>\
                        <Key>t%d/metadata/v2.gz.metadata.json</Key><Size>0</Size>\
                        <LastModified>2026-11-29T00:00:00.000Z</LastModified></Contents></ListBucketResult>\
                        """.formatted(tables))
                : WireFault.NONE);

        assertThat(store().versions()).extracting(MetadataVersion::number).containsExactly(2L, 3L, 4L);
    }

    @Test
    void a_name_that_is_taken_stays_what_it_is() throws IOException {
        store().create(NEXT, OTHERS);

        assertThatThrownBy(() -> store().create(NEXT, OURS)).isInstanceOf(AlreadyExistsException.class);

        assertThat(store().read(NEXT)).isEqualTo(OTHERS);
        assertThat(Files.list(server.locate(metadata.toString()))).hasSize(1);
        assertThatThrownBy(() -> store().read("v3.metadata.json")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void a_name_that_we_took_before_a_503_is_ours_when_the_repetition_is_refused() {
        wire.plan(first(this::creates, WireFault.replaced(503, Map.of("Retry-After", "1"), "")));

        store().create(NEXT, OURS);

        assertThat(wire.log()).anyMatch(line -> line.endsWith(NEXT + " 412"));
        assertThat(store().read(NEXT)).isEqualTo(OURS);
    }

    @Test
    void a_503_that_did_nothing_and_then_a_412_is_a_conflict() throws IOException {
        wire.plan(exchange -> {
            if (creates(exchange) && exchange.number() == 1) {
                writeAsAnother();
                return WireFault.refused(503, Map.of("Retry-After", "1"), "");
            }
            return WireFault.NONE;
        });

        assertThatThrownBy(() -> store().create(NEXT, OURS)).isInstanceOf(AlreadyExistsException.class);

        assertThat(store().read(NEXT)).isEqualTo(OTHERS);
    }

    @Test
    void an_answer_that_is_lost_every_time_is_settled_by_looking() {
        wire.plan(exchange -> creates(exchange) ? WireFault.cutAnswer(3) : WireFault.NONE);

        store().create(NEXT, OURS);

        assertThat(store().read(NEXT)).isEqualTo(OURS);
    }

    @Test
    void what_cannot_be_looked_at_is_unknown() {
        wire.plan(exchange -> WireFault.cutAnswer(3));

        assertThatThrownBy(() -> store().create(NEXT, OURS)).isInstanceOf(CommitStateUnknownException.class);
    }

    @Test
    void a_request_that_broke_off_and_may_be_on_its_way_is_unknown() {
        wire.plan(exchange -> creates(exchange) ? WireFault.cutRequest(300) : WireFault.NONE);

        assertThatThrownBy(() -> store().create(NEXT, OURS)).isInstanceOf(CommitStateUnknownException.class);
        wire.plan(exchange -> creates(exchange) ? WireFault.refused(500, Map.of(), "") : WireFault.NONE);
        assertThatThrownBy(() -> store().create(NEXT, OURS)).isInstanceOf(CommitStateUnknownException.class);
    }

    @Test
    void a_409_is_a_conflict_unless_a_request_before_it_may_land() {
        wire.plan(exchange -> creates(exchange) ? WireFault.refused(409, Map.of(), "") : WireFault.NONE);
        assertThatThrownBy(() -> store().create(NEXT, OURS)).isInstanceOf(AlreadyExistsException.class);

        int before = wire.requests();
        wire.plan(exchange -> !creates(exchange)
                ? WireFault.NONE
                : exchange.number() == before + 1 ? WireFault.cutRequest(300) : WireFault.refused(409, Map.of(), ""));
        assertThatThrownBy(() -> store().create(NEXT, OURS)).isInstanceOf(CommitStateUnknownException.class);
    }

    @Test
    void a_refusal_commits_nothing() {
        wire.plan(exchange -> creates(exchange) ? WireFault.refused(403, Map.of(), "") : WireFault.NONE);

        assertThatThrownBy(() -> store().create(NEXT, OURS))
                .isInstanceOf(NothingCommittedException.class)
                .isInstanceOf(CleanableFailure.class);
    }

    @Test
    void what_the_properties_say_of_a_written_object_is_said_of_metadata_too() {
        Map<String, String> properties = new HashMap<>(S3Server.properties(wire.uri()));
        properties.putAll(Map.of(
                "s3.sse.type", "s3",
                "s3.acl", "bucket-owner-full-control",
                "s3.write.storage-class", "STANDARD",
                "s3.write.tags.team", "ops"));
        Map<String, String> sent = new HashMap<>();
        wire.plan(exchange -> {
            sent.putAll(exchange.headers());
            return WireFault.refused(200, Map.of("ETag", "\"0\""), "");
        });

        try (Opened encrypted = Opened.with(properties)) {
            new S3MetadataStore(metadata, encrypted.io(), encrypted.requests(), false, () -> {}).create(NEXT, OURS);
        }

        assertThat(sent)
                .containsEntry("if-none-match", "*")
                .containsEntry("x-amz-server-side-encryption", "AES256")
                .containsEntry("x-amz-acl", "bucket-owner-full-control")
                .containsEntry("x-amz-storage-class", "STANDARD")
                .containsEntry("x-amz-tagging", "team=ops");
    }

    @Test
    void an_object_in_parts_is_created_only_where_none_is_too() {
        Map<String, String> properties = new HashMap<>(S3Server.properties(wire.uri()));
        properties.put("s3.multipart.part-size-bytes", Integer.toString(5 << 20));
        byte[] large = new byte[9 << 20];

        try (Opened inParts = Opened.with(properties)) {
            S3MetadataStore store = new S3MetadataStore(metadata, inParts.io(), inParts.requests(), false, () -> {});
            store.create(NEXT, OTHERS);

            assertThatThrownBy(() -> store.create(NEXT, large)).isInstanceOf(AlreadyExistsException.class);
            assertThat(store.read(NEXT)).isEqualTo(OTHERS);
            assertThat(wire.log()).anyMatch(line -> line.contains("POST") && line.endsWith(" 412"));
            assertThat(uploads()).isZero();
        }
    }

    private static int uploads() {
        try (var io = server.io()) {
            return io.client()
                    .listMultipartUploads(list -> list.bucket(S3Server.BUCKET))
                    .uploads()
                    .size();
        }
    }

    private S3MetadataStore store() {
        return new S3MetadataStore(metadata, through.io(), through.requests(), false, () -> {});
    }

    private boolean creates(Exchange exchange) {
        return exchange.method().equals("PUT") && exchange.path().endsWith(NEXT);
    }

    private static Function<Exchange, WireFault> first(Predicate<Exchange> which, WireFault fault) {
        boolean[] done = new boolean[1];
        return exchange -> {
            if (done[0] || !which.test(exchange)) {
                return WireFault.NONE;
            }
            done[0] = true;
            return fault;
        };
    }

    private void writeAsAnother() {
        try (Opened another = Opened.with(server.properties())) {
            another.requests().put(metadata.child(NEXT), OTHERS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
