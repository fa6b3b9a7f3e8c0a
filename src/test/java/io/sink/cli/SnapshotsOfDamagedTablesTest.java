package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Captured;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotsOfDamagedTablesTest {
    @TempDir
    Path directory;

    @Test
    void are_listed_with_what_is_wrong_of_each() throws IOException {
        Path warehouse = Files.createDirectory(directory.resolve("warehouse"));
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        table.append(2);
        Path configuration = Files.writeString(directory.resolve("sink.yaml"), """
                version: 1
                catalogs:
                  lake: { type: path, warehouse: "%s" }
                """.formatted(warehouse));
        Snapshot damaged = table.load().currentSnapshot();
        Captured whole = Captured.of("snapshots", "lake.t", "-c", configuration.toString());
        Files.delete(SecondReader.local(damaged.manifestListLocation()));

        Captured listed = Captured.of("snapshots", "lake.t", "-c", configuration.toString());

        assertThat(whole.exit()).as("%s", whole).isZero();
        assertThat(listed.exit()).as("%s", listed).isEqualTo(21);
        for (Snapshot snapshot : table.load().snapshots()) {
            assertThat(listed.stdout()).contains(Long.toString(snapshot.snapshotId()));
        }
        assertThat(listed.stderr())
                .containsOnlyOnce("is not whole")
                .contains("snapshot " + damaged.snapshotId() + " is not whole: ", damaged.manifestListLocation());
    }
}
