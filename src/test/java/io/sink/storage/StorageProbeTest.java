package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageProbeTest {
    @TempDir
    Path warehouse;

    @Test
    void leaves_no_folder_that_was_not_there() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        assertThat(table.location().resolve("data")).doesNotExist();

        assertThat(StorageProbe.of(table.load().operations())).isNotEmpty().allMatch(tried -> tried.problem() == null);

        assertThat(table.location().resolve("data")).doesNotExist();
        table.append(1);
        assertThat(StorageProbe.of(table.load().operations())).allMatch(tried -> tried.problem() == null);
        try (Stream<Path> files = Files.list(table.location().resolve("data"))) {
            assertThat(files).hasSize(1);
        }
    }
}
