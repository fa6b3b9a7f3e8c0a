package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import io.sink.testing.WireFault;
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
 * A store that takes {@code If-None-Match} for nothing is found out, and tables without a catalog are not committed to
 * there.
 */
class StoreWithoutConditions {

    @TempDir
    Path directory;

    @Test
    void it_is_refused_by_name_until_somebody_vouches_for_a_single_writer() throws IOException, InterruptedException {
        try (S3Server server = S3Server.startUnsigned(directory);
                FaultyWire wire = FaultyWire.to(server.port())) {
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
            wire.plan(exchange -> WireFault.without("if-none-match"));
            Sink sink = configured(warehouse, wire, Map.of());

            Sink.Ended check = sink.run("check", "--connect");
            Report refused = sink.maintain("--compact");

            assertThat(check.exit()).as("%s", check).isEqualTo(21);
            assertThat(check.stdout()).contains("If-None-Match");
            for (String action : List.of("expire", "compact")) {
                assertThat(refused.action("paths.t", action).reason())
                        .as("%s", refused)
                        .isEqualTo("unsupported-feature");
                assertThat(refused.action("paths.t", action).detail())
                        .contains("commits are not safe on this store", "single-writer: true");
            }
            assertThat(SavedTree.files(warehouse.directory("t"))).isEqualTo(before);

            Report vouched =
                    configured(warehouse, wire, Map.of("single-writer", "true")).maintain("--compact");

            assertThat(vouched.exit()).as("%s", vouched).isZero();
            assertThat(vouched.action("paths.t", "expire").reason()).isEqualTo("expired");
            assertThat(vouched.action("paths.t", "compact").reason()).isEqualTo("compacted");
            assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        }
    }

    private Sink configured(PathWarehouse warehouse, FaultyWire wire, Map<String, String> more) throws IOException {
        return Sink.in(directory).configured("""
                version: 1
                catalogs:
                %smaintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                  compact: { min-data-files: 2, min-input-files: 2 }
                """.formatted(
                warehouse.with(S3Server.properties(wire.uri())).with(more).yaml()));
    }
}
