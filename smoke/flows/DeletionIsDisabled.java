package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import lib.LakeTable;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where {@code s3.delete-enabled} is false, nothing is expired or rewritten that could not be taken away, and it is
 * said.
 */
class DeletionIsDisabled {

    @TempDir
    Path directory;

    @Test
    void a_table_is_left_as_it_is_until_the_property_is_overridden() throws IOException, InterruptedException {
        try (S3Server server = S3Server.start(directory)) {
            PathWarehouse warehouse = PathWarehouse.onS3(server, "s3://lake/exports");
            warehouse.create("t", 3, Map.of());
            try (TableSource source = warehouse.open()) {
                new LakeTable(PathWarehouse.load(source, "t"))
                        .append(1, 2)
                        .replace(3)
                        .append(4);
            }
            List<String> rows = warehouse.reader("t").rows();
            TreeSet<Path> before = SavedTree.files(warehouse.directory("t"));
            String configuration = """
                    version: 1
                    catalogs:
                    %smaintenance:
                      expire: { older-than: 0s, retain-last: 2 }
                      compact: { min-data-files: 2, min-input-files: 2 }
                    """.formatted(
                            warehouse.with(Map.of("s3.delete-enabled", "false")).yaml());
            Sink sink = Sink.in(directory).configured(configuration);

            Report planned = sink.maintain("--compact", "--dry-run");
            Report done = sink.maintain("--compact");

            for (Report report : List.of(planned, done)) {
                assertThat(report.exit()).isZero();
                for (String action : List.of("expire", "compact")) {
                    assertThat(report.action("paths.t", action).reason()).isEqualTo("unsupported-feature");
                    assertThat(report.action("paths.t", action).detail())
                            .contains("s3.delete-enabled is false", "overrides: { s3.delete-enabled: true }");
                }
            }
            assertThat(SavedTree.files(warehouse.directory("t"))).isEqualTo(before);
            assertThat(warehouse.reader("t").rows()).isEqualTo(rows);

            Report overridden = sink.configured(configuration.replace(
                            "s3.delete-enabled: \"false\"",
                            "s3.delete-enabled: \"false\"\n    overrides: { s3.delete-enabled: true }"))
                    .maintain();

            assertThat(overridden.reasons()).as("%s", overridden).containsEntry("paths.t", "expired");
            assertThat(overridden.action("paths.t").effect("data_files_deleted"))
                    .isEqualTo(1);
            assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        }
    }
}
