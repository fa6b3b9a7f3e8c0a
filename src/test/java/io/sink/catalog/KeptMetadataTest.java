package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.storage.CommitFiles;
import io.sink.storage.OutgoingMetadata;
import io.sink.testing.PathTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where another entry of a table is known, a commit deletes no metadata file by whatever way. */
class KeptMetadataTest {
    @TempDir
    Path warehouse;

    private PathTable table;

    @BeforeEach
    void make() {
        table = PathTable.create(
                warehouse,
                "t",
                2,
                Map.of(
                        "write.metadata.delete-after-commit.enabled",
                        "true",
                        "write.metadata.previous-versions-max",
                        "1"));
    }

    @Test
    void neither_one_by_one_nor_in_bulk() throws IOException {
        Path metadata = table.location().resolve("metadata");
        Path one = Files.copy(metadata.resolve("v1.metadata.json"), metadata.resolve("one.metadata.json"));
        Path two = Files.copy(one, metadata.resolve("two.metadata.json"));
        table.append(1);
        BaseTable loaded = table.load();
        OutgoingMetadata own = new OutgoingMetadata(loaded.operations().current(), loaded.io());
        try (RoutedFileIO io = new RoutedFileIO()) {
            io.initialize(Map.of());
            Runnable deletion = () -> {
                io.deleteFile(one.toString());
                io.deleteFiles(List.of(two.toString()));
            };

            CommitFiles.keeping(true, () -> {
                CommitFiles.during(own, file -> {}, deletion);
                return null;
            });
            assertThat(one).exists();
            assertThat(two).exists();

            CommitFiles.during(own, file -> {}, deletion);
            assertThat(one).doesNotExist();
            assertThat(two).doesNotExist();
        }
    }

    @Test
    void nor_by_a_table_without_a_catalog() {
        BaseTable loaded = table.load();
        for (int commit = 0; commit < 4; commit++) {
            String value = "v" + commit;
            CommitFiles.keeping(true, () -> {
                loaded.updateProperties().set("a", value).commit();
                return null;
            });
        }
        assertThat(table.location().resolve("metadata/v1.metadata.json")).exists();
        assertThat(table.location().resolve("metadata/v2.metadata.json")).exists();

        loaded.updateProperties().set("a", "last").commit();

        assertThat(table.location().resolve("metadata/v4.metadata.json")).doesNotExist();
    }
}
