package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.outcome.UnsupportedFeatureException;
import io.sink.testing.FaultyWire;
import io.sink.testing.IcebirdWriter;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.S3Server;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.exceptions.ValidationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3TablesTest {
    private static final Map<String, String> PATIENT = Map.of(
            "commit.retry.num-retries", "1000", "commit.retry.min-wait-ms", "1", "commit.retry.max-wait-ms", "20");

    @TempDir
    static Path folder;

    private static S3Server server;
    private static int warehouses;
    private String warehouse;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void next() {
        warehouse = "s3://lake/exports" + ++warehouses;
    }

    @Test
    void of_commits_by_two_sinks_and_icebird_at_once_each_is_in_the_history_exactly_once() throws Exception {
        make("events", warehouse + "/events", PATIENT);
        try (TableSource first = open(Map.of())) {
            append(first, "seed", "0");
        }
        int commits = 8;

        ExecutorService pool = Executors.newFixedThreadPool(3);
        List<Future<?>> racing = new ArrayList<>();
        for (String writer : List.of("sink-1", "sink-2")) {
            racing.add(pool.submit(() -> {
                try (TableSource source = open(Map.of())) {
                    for (int commit = 0; commit < commits; commit++) {
                        append(source, writer, Integer.toString(commit));
                    }
                }
            }));
        }
        racing.add(pool.submit(() -> {
            try (IcebirdWriter icebird = new IcebirdWriter(server, "lake", "exports" + warehouses + "/events")) {
                for (int commit = 0; commit < commits; commit++) {
                    icebird.append("icebird", Integer.toString(commit));
                }
            }
            return null;
        }));
        for (Future<?> each : racing) {
            each.get();
        }
        pool.shutdown();

        try (TableSource source = open(Map.of())) {
            BaseTable table = load(source, "events");
            assertThat(table.snapshots()).hasSize(3 * commits + 1);
            for (String writer : List.of("sink-1", "sink-2", "icebird")) {
                assertThat(values(table, writer))
                        .containsExactlyElementsOf(IntStream.range(0, commits)
                                .mapToObj(Integer::toString)
                                .toList());
            }
            assertThat(files("events/metadata")).contains("v" + (3 * commits + 2) + ".metadata.json");
        }
        assertThat(server.locate(warehouse + "/events/metadata/version-hint.text"))
                .exists();
        assertThat(files("events/metadata")).noneMatch(name -> name.contains("probe"));
    }

    @Test
    void every_location_form_that_writers_use_is_the_place_where_the_table_was_found() {
        make("plain", warehouse + "/plain", Map.of());
        make("slash", warehouse + "/slash/", Map.of());
        make("hadoop", warehouse.replace("s3:", "s3a:") + "/hadoop", Map.of());
        make("blob", "blob://exports" + warehouses + "/blob", Map.of());
        make("copy", warehouse + "/plain", Map.of());
        make("prefix", warehouse + "/prefix10", Map.of());

        try (TableSource source = open(Map.of("blob-root", "s3://lake"))) {
            for (String table : List.of("plain", "slash", "hadoop", "blob")) {
                BaseTable loaded = load(source, table);
                String location = loaded.location();
                loaded.newFastAppend().appendFile(Samples.dataFile(loaded)).commit();
                BaseTable read = load(source, table);
                assertThat(read.location()).isEqualTo(location);
                assertThat(read.currentSnapshot().allManifests(read.io())).hasSize(1);
                assertThat(read.currentSnapshot().manifestListLocation()).startsWith(location.replaceFirst("/$", ""));
            }
            for (String elsewhere : List.of("copy", "prefix")) {
                assertThatThrownBy(() -> load(source, elsewhere))
                        .isInstanceOf(ValidationException.class)
                        .hasMessageContaining("copied or moved");
            }
        }
    }

    @Test
    void a_warehouse_may_be_the_whole_bucket_and_a_table_begin_as_another_does() {
        make("t1", warehouse + "/t1", Map.of());
        make("t10", warehouse + "/t10", Map.of());
        Map<String, String> properties = server.properties();
        properties.put("warehouse", "s3a://lake/");

        try (TableSource source = OpenCatalogs.open("lake", "path", properties, folder)) {
            assertThat(TableSourceContract.names(source.list()))
                    .contains("lake.exports" + warehouses + ".t1", "lake.exports" + warehouses + ".t10");
        }
    }

    @Test
    void a_store_that_ignores_the_condition_is_not_written_to_unless_somebody_vouches() throws Exception {
        Path unsigned = Files.createDirectory(folder.resolve("unsigned" + warehouses));
        try (S3Server open = S3Server.startUnsigned(unsigned);
                FaultyWire wire = FaultyWire.to(open.port())) {
            Samples.writeTable(open.locate(warehouse + "/events"), warehouse + "/events", Map.of());
            wire.plan(exchange -> WireFault.without("if-none-match"));
            Map<String, String> properties = S3Server.properties(wire.uri());
            properties.put("warehouse", warehouse);
            List<Path> before = tree(open);

            try (TableSource source = OpenCatalogs.open("lake", "path", properties, folder)) {
                BaseTable table = load(source, "events");
                assertThatThrownBy(() -> table.newFastAppend()
                                .appendFile(Samples.dataFile(table))
                                .commit())
                        .isInstanceOf(UnsupportedFeatureException.class)
                        .hasMessageContaining("single-writer");
                assertThatThrownBy(() -> table.updateProperties().set("a", "b").commit())
                        .isInstanceOf(NothingCommittedException.class)
                        .hasCauseInstanceOf(UnsupportedFeatureException.class);
                assertThat(source.commitProblem(new TableRef("lake", List.of(), "events")))
                        .contains("If-None-Match");
            }
            assertThat(tree(open)).isEqualTo(before);

            properties.put("single-writer", "true");
            try (TableSource source = OpenCatalogs.open("lake", "path", properties, folder)) {
                load(source, "events").updateProperties().set("a", "b").commit();
                assertThat(load(source, "events").properties()).containsEntry("a", "b");
            }
        }
    }

    @Test
    void a_store_that_is_not_atomic_is_found_out_by_a_race() throws Exception {
        Path careless = Files.createDirectory(folder.resolve("careless"));
        try (S3Server mock = S3Server.startCareless(careless)) {
            S3Requests requests = new S3Requests(withRegion(mock.properties()));
            try (requests) {
                String problem = new ExclusiveCreation(requests).problem(S3Location.of("s3://lake/t/metadata/"), 40);

                assertThat(problem).contains("writers at once");
            }
        }
    }

    @Test
    void probes_that_a_dead_process_left_are_swept_and_a_living_ones_are_not() throws IOException {
        make("events", warehouse + "/events", Map.of());
        Path dead = Files.writeString(server.locate(warehouse + "/.sink-probe-dead"), "x");
        Path living = Files.writeString(server.locate(warehouse + "/.sink-probe-living"), "x");
        Files.setLastModifiedTime(dead, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

        try (TableSource source = open(Map.of())) {
            append(source, "sink", "1");
        }

        assertThat(dead).doesNotExist();
        assertThat(living).exists();
        try (Stream<Path> probes = Files.list(server.locate(warehouse))) {
            assertThat(probes.filter(file -> file.toString().contains("probe"))).containsExactly(living);
        }
    }

    @Test
    void who_may_not_delete_learns_it_before_anything_is_written_to_a_table() throws IOException {
        make("events", warehouse + "/events", Map.of());
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            wire.plan(exchange ->
                    exchange.method().equals("DELETE") ? WireFault.refused(403, Map.of(), "") : WireFault.NONE);
            try (TableSource source = open(S3Server.properties(wire.uri()))) {
                BaseTable table = load(source, "events");
                assertThatThrownBy(() -> table.newFastAppend()
                                .appendFile(Samples.dataFile(table))
                                .commit())
                        .isInstanceOf(S3Exception.class);
            }
        }

        assertThat(files("events/metadata")).containsExactly("v1.metadata.json");
    }

    private static Map<String, String> withRegion(Map<String, String> properties) {
        S3Region.addTo(properties);
        return properties;
    }

    private void make(String name, String location, Map<String, String> properties) {
        Samples.writeTable(server.locate(warehouse + "/" + name), location, properties);
    }

    private TableSource open(Map<String, String> more) {
        Map<String, String> properties = server.properties();
        properties.put("warehouse", warehouse);
        properties.putAll(more);
        return OpenCatalogs.open("lake", "path", properties, folder);
    }

    private static BaseTable load(TableSource source, String name) {
        return source.load(new TableRef("lake", List.of(), name));
    }

    private static void append(TableSource source, String writer, String value) {
        BaseTable table = load(source, "events");
        table.newFastAppend()
                .appendFile(Samples.dataFile(table))
                .set(writer, value)
                .commit();
    }

    private static List<String> values(BaseTable table, String writer) {
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .map(Snapshot::summary)
                .filter(summary -> summary.containsKey(writer))
                .map(summary -> summary.get(writer))
                .toList();
    }

    private List<String> files(String directory) throws IOException {
        try (Stream<Path> files = Files.list(server.locate(warehouse + "/" + directory))) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    private static List<Path> tree(S3Server server) throws IOException {
        try (Stream<Path> files = Files.walk(server.objects().resolve("lake"))) {
            return files.sorted().toList();
        }
    }
}
