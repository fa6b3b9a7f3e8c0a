package flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sink.catalog.TableSource;
import io.sink.testing.PathWarehouse;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import lib.LakeTable;
import lib.Privileges;
import lib.RadosGateway;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Path tables on a Ceph RADOS gateway: a server of another family than every other here, and one of the old checksums.
 * By hand, with {@code -Dsink.ceph=true}.
 */
class MaintainOnCeph {

    @TempDir
    Path directory;

    @BeforeEach
    void needs_ceph() {
        assumeTrue(Boolean.getBoolean("sink.ceph"), "starts a Ceph cluster: -Dsink.ceph=true runs it");
        assumeTrue(
                RadosGateway.isInstalled(),
                "no Ceph here: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common");
    }

    @BeforeEach
    void without_the_checksums_that_it_refuses() {
        System.setProperty("aws.requestChecksumCalculation", "when_required");
        System.setProperty("aws.responseChecksumValidation", "when_required");
    }

    @AfterEach
    void with_them_again() {
        System.clearProperty("aws.requestChecksumCalculation");
        System.clearProperty("aws.responseChecksumValidation");
    }

    @Test
    void expires_and_compacts_with_every_row_kept() throws Exception {
        Path mirror = directory.resolve("mirror");
        try (RadosGateway ceph = RadosGateway.start(directory, "lake")) {
            PathWarehouse warehouse = made(ceph, mirror);
            ceph.mirror("lake", mirror);
            List<String> rows = warehouse.reader("t").rows();
            Sink sink = sink(warehouse);

            Sink.Ended check = sink.run("check", "--connect");
            Report report = sink.maintain("--compact");

            assertThat(check.exit()).as("%s", check).isZero();
            assertThat(report.exit()).as("%s", report).isZero();
            assertThat(report.action("paths.t", "expire").reason()).isEqualTo("expired");
            assertThat(report.action("paths.t", "compact").reason()).isEqualTo("compacted");
            ceph.mirror("lake", mirror);
            SecondReader reader = warehouse.reader("t");
            assertThat(reader.rows()).isEqualTo(rows).hasSize(5);
            TreeSet<Path> files = SavedTree.files(mirror);
            assertThat(files).containsAll(reader.reachable());
            files.removeAll(reader.reachable());
            assertThat(files).allMatch(file -> Files.exists(file) && file.endsWith("version-hint.text"));
        }
    }

    @Test
    void each_command_needs_of_a_bucket_policy_what_the_readme_gives_it() throws Exception {
        Path mirror = directory.resolve("mirror");
        try (RadosGateway ceph = RadosGateway.start(directory, "lake")) {
            PathWarehouse warehouse = made(ceph, mirror);
            PathWarehouse limited = new PathWarehouse(warehouse.root(), ceph.limitedProperties(), warehouse.locate());
            ceph.mirror("lake", mirror);
            List<String> rows = warehouse.reader("t").rows();
            Sink sink = sink(limited);

            ceph.allow("lake", Privileges.READING);
            Report planned = sink.maintain("--compact", "--dry-run");
            for (String command : List.of("tables", "inspect", "verify", "orphans")) {
                Sink.Ended ended = sink.run(command);
                assertThat(ended.exit()).as("%s", ended).isZero();
            }
            Report denied = sink.maintain();
            ceph.allow("lake", Privileges.EXPIRING);
            Report expired = sink.maintain("--compact");
            ceph.allow("lake", Privileges.COMPACTING);
            Sink.Ended check = sink.run("check", "--connect");
            Report compacted = sink.maintain("--compact");

            assertThat(planned.exit()).as("%s", planned).isZero();
            assertThat(denied.json().toString()).contains("\"reason\":\"permission-denied\"", "s3:PutObject");
            assertThat(expired.action("paths.t", "expire").reason())
                    .as("%s", expired)
                    .isEqualTo("expired");
            assertThat(expired.action("paths.t", "compact").reason()).isEqualTo("permission-denied");
            assertThat(check.exit()).as("%s", check).isZero();
            assertThat(compacted.action("paths.t", "compact").reason())
                    .as("%s", compacted)
                    .isEqualTo("compacted");
            ceph.mirrorAsLimited("lake", mirror);
            assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        }
    }

    private static PathWarehouse made(RadosGateway ceph, Path mirror) throws Exception {
        PathWarehouse warehouse = new PathWarehouse(
                "s3://lake/exports",
                ceph.properties(),
                location -> mirror.resolve(location.replaceFirst("^s3://lake/", "")));
        warehouse.create("t", 3, Map.of());
        ceph.put(
                warehouse.directory("t").resolve("metadata/v1.metadata.json"),
                "lake",
                "exports/t/metadata/v1.metadata.json");
        try (TableSource source = warehouse.open()) {
            new LakeTable(PathWarehouse.load(source, "t"))
                    .append(1, 2)
                    .replace(3)
                    .append(4, 4)
                    .appendAndDeleteFirst(5, 6)
                    .append(7);
        }
        return warehouse;
    }

    private Sink sink(PathWarehouse warehouse) throws Exception {
        return Sink.in(directory)
                .configured("""
                version: 1
                catalogs:
                %smaintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                  compact: { min-data-files: 2, min-input-files: 2, verify: full }
                """.formatted(warehouse.yaml()))
                .with("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
                .with("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required");
    }
}
