package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.table.FileKind;
import io.sink.table.TableFile;
import io.sink.testing.FaultyWire;
import io.sink.testing.S3Server;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as deleted on S3, whatever the store answers. */
class S3DeletionTest {

    @TempDir
    static Path folder;

    private static S3Server server;
    private static int tables;
    private String table;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void make_seven_files_of_a_table_and_one_of_a_neighbour() throws IOException {
        table = "s3://lake/t" + ++tables;
        for (int i = 0; i < 7; i++) {
            put(table + "/data/" + i);
        }
        put(table + "0/data/0");
    }

    @Test
    void in_bulk_where_the_store_can() {
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            DeleteResult result = delete(wire, Map.of("s3.delete.batch-size", "3"));

            assertThat(result.deleted()).hasSize(7);
            assertThat(result.left()).isEmpty();
            assertThat(wire.log().stream().filter(line -> line.contains("POST")))
                    .hasSize(3);
            assertThat(wire.log()).noneMatch(line -> line.contains(" DELETE "));
        }
        assertThat(server.locate(table + "0/data/0")).exists();
    }

    @Test
    void one_by_one_where_bulk_is_refused() {
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            wire.plan(exchange -> exchange.asks("delete") ? WireFault.refused(501, Map.of(), "") : WireFault.NONE);

            DeleteResult result = delete(wire, Map.of());

            assertThat(result.deleted()).hasSize(7);
            assertThat(result.left()).isEmpty();
        }
    }

    @Test
    void one_by_one_where_bulk_is_acknowledged_and_nothing_is_gone() {
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            wire.plan(exchange -> exchange.asks("delete")
                    ? WireFault.refused(200, Map.of(), "<DeleteResult></DeleteResult>")
                    : WireFault.NONE);

            DeleteResult result = delete(wire, Map.of());

            assertThat(result.deleted()).hasSize(7);
            assertThat(IntStream.range(0, 7)).noneMatch(i -> Files.exists(server.locate(table + "/data/" + i)));
        }
    }

    @Test
    void what_may_not_be_deleted_is_left_with_the_permission_that_was_missing() {
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            wire.plan(exchange -> exchange.asks("delete")
                            || (exchange.method().equals("DELETE")
                                    && exchange.path().endsWith("/5"))
                    ? WireFault.refused(403, Map.of(), "")
                    : WireFault.NONE);

            DeleteResult result = delete(wire, Map.of());

            assertThat(result.deleted()).hasSize(6);
            assertThat(result.left()).containsOnlyKeys(table + "/data/5");
            assertThat(result.left().get(table + "/data/5")).contains("s3:DeleteObject");
        }
    }

    @Test
    void where_deletion_is_disabled_nothing_counts_and_the_property_is_named() {
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            DeleteResult result = delete(wire, Map.of("s3.delete-enabled", "false"));

            assertThat(result.deleted()).isEmpty();
            assertThat(result.left()).hasSize(7);
            assertThat(result.left().values()).allMatch(why -> why.contains("s3.delete-enabled"));
            assertThat(server.locate(table + "/data/0")).exists();
        }
    }

    private DeleteResult delete(FaultyWire wire, Map<String, String> more) {
        Map<String, String> properties = S3Server.properties(wire.uri());
        properties.put("client.region", "us-east-1");
        properties.putAll(more);
        try (S3FileIO io = new S3FileIO()) {
            io.initialize(properties);
            TableMetadata metadata = TableMetadata.newTableMetadata(
                    new Schema(Types.NestedField.required(1, "id", Types.LongType.get())),
                    PartitionSpec.unpartitioned(),
                    table,
                    Map.of());
            List<FoundFile> files = IntStream.range(0, 7)
                    .mapToObj(i -> new FoundFile(new TableFile(table + "/data/" + i, FileKind.DATA), 4))
                    .toList();
            return Storage.delete(io, Locations.of(metadata, io), files);
        }
    }

    private static void put(String location) throws IOException {
        Path file = server.locate(location);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "rows");
    }
}
