package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each rule on what may be deleted on a table's behalf by itself: on local disk several of them refuse the same path.
 */
class LocationsTest {
    @TempDir
    Path warehouse;

    private static Locations of(String location) {
        TableMetadata metadata = TableMetadata.newTableMetadata(
                new Schema(Types.NestedField.required(1, "id", Types.LongType.get())),
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                location,
                Map.of());
        return Locations.of(metadata, new InMemoryFileIO());
    }

    /** Object stores take dots as they are, but what stands between us and them may resolve them. */
    @ParameterizedTest
    @ValueSource(strings = {"s3://b/t1/data/../../t2/x", "s3://b/t1/..", "s3://b/t1/../t1/x", "/t1/data/../x"})
    void refuses_a_path_with_a_parent_step_even_if_it_stays_inside(String path) {
        Locations locations = of(path.startsWith("/") ? "/t1" : "s3://b/t1");

        assertThat(locations.refusal(path)).contains("'..'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://b/t10/x", "s3://b/t", "s3://b/t1", "s3://c/t1/x", "gs://b/t1/x", "/b/t1/x"})
    void refuses_what_only_begins_like_the_location(String path) {
        assertThat(of("s3://b/t1").refusal(path)).contains("outside the table's own locations");
        assertThat(of("s3://b/t1").refusal("s3a://b/t1/x")).isNull();
    }

    @Test
    void refuses_a_link_and_what_lies_behind_one() throws IOException {
        Path table = warehouse.resolve("t");
        Files.createDirectories(table.resolve("data"));
        Path precious = Files.createDirectories(warehouse.resolve("elsewhere"));
        Files.writeString(precious.resolve("x"), "x");
        Files.writeString(table.resolve("data/y"), "y");
        Files.createSymbolicLink(table.resolve("data/out"), precious);
        Files.createSymbolicLink(table.resolve("data/in"), table.resolve("data/y"));

        Locations locations = of(table.toString());

        assertThat(locations.refusal(table + "/data/out/x")).contains("leads out");
        assertThat(locations.refusal(table + "/data/in")).contains("is a symbolic link");
        assertThat(locations.refusal(table + "/data/y")).isNull();
    }
}
