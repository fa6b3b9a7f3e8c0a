package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Captured;
import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckConnectTest {
    @TempDir
    Path directory;

    @Test
    void fails_for_a_table_that_cannot_be_read_though_the_first_can() throws IOException {
        Path warehouse = Files.createDirectory(directory.resolve("warehouse"));
        PathTable.create(warehouse, "a", 2, Map.of()).append(1);
        PathTable damaged = PathTable.create(warehouse, "z", 2, Map.of());
        Path configuration = Files.writeString(directory.resolve("sink.yaml"), """
                version: 1
                catalogs:
                  lake: { type: path, warehouse: "%s" }
                tables:
                  - match: "lake.*"
                    expire: { older-than: 8d }
                  - match: lake.a
                    compact: { enabled: false }
                """.formatted(warehouse));
        Captured whole = Captured.of("check", "--connect", "-c", configuration.toString());
        Files.writeString(damaged.location().resolve("metadata/v1.metadata.json"), "{");

        Captured checked = Captured.of("check", "--connect", "-c", configuration.toString());

        assertThat(whole.exit()).as("%s", whole).isZero();
        assertThat(whole.stdout())
                .contains("What does not apply:", "rule \"lake.a\" comes after rule \"lake.*\"", "not 8d")
                .doesNotContain("FAILED");
        assertThat(checked.exit()).as("%s", checked).isEqualTo(20);
        assertThat(checked.stdout()).contains("FAILED, of which nobody knows where the files are:", "lake.z");
    }
}
