package flows;

import static lib.Privileges.COMPACTING;
import static lib.Privileges.EXPIRING;
import static lib.Privileges.READING;
import static lib.Privileges.SWEEPING;
import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Policy;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import io.sink.testing.Sweeping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import lib.LakeTable;
import lib.Privileges;
import lib.Report;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each command needs the permissions that {@code src/docs/permissions.md} gives it, and one that is missing is named. */
class LeastPrivilegesOnS3 {
    private static final String[] SWEEP = {"orphans", "--delete", "--max-orphan-bytes-percent", "90", "--report", "json"
    };

    @TempDir
    Path directory;

    private S3Server server;
    private FaultyWire wire;
    private PathWarehouse warehouse;
    private SavedTree made;
    private Sink sink;

    @BeforeEach
    void make_a_table_with_something_to_do() throws IOException, InterruptedException {
        server = S3Server.start(directory);
        wire = FaultyWire.to(server.port());
        warehouse = PathWarehouse.onS3(server, "s3://lake/exports");
        warehouse.create("t", 3, Map.of());
        try (TableSource source = warehouse.open()) {
            new LakeTable(PathWarehouse.load(source, "t"))
                    .append(1, 2)
                    .replace(3)
                    .append(4)
                    .appendAndDeleteFirst(5, 6)
                    .append(7);
        }
        made = SavedTree.of(server.objects().resolve("lake"));
        sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                %smaintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                  compact: { min-data-files: 2, min-input-files: 2 }
                """.formatted(
                        warehouse.with(S3Server.properties(wire.uri())).yaml()));
    }

    @AfterEach
    void stop() {
        wire.close();
        server.close();
    }

    @Test
    void what_each_command_needs_is_enough_and_nothing_of_it_is_too_much() throws IOException, InterruptedException {
        wire.plan(READING);
        assertThat(sink.maintain("--compact", "--dry-run").exit()).isZero();
        assertThat(sink.run("tables").exit()).isZero();

        wire.plan(EXPIRING);
        Report expired = sink.maintain();
        assertThat(expired.reasons()).as("%s", expired).containsEntry("paths.t", "expired");
        made.restore();

        wire.plan(COMPACTING);
        Report compacted = sink.maintain("--compact");
        assertThat(compacted.action("paths.t", "compact").reason())
                .as("%s", compacted)
                .isEqualTo("compacted");
        made.restore();

        assertDenied(READING.without("s3:ListBucket"), "s3:ListBucket", "--dry-run");
        assertDenied(READING.without("s3:GetObject"), "s3:GetObject", "--dry-run");
        assertDenied(EXPIRING.without("s3:PutObject"), "s3:PutObject");
        assertDenied(EXPIRING.without("s3:PutObject", Privileges.METADATA), "s3:PutObject");
        assertDenied(EXPIRING.without("s3:PutObject", Privileges.PROBE), "s3:PutObject");
        assertDenied(EXPIRING.without("s3:DeleteObject"), "s3:DeleteObject");
    }

    @Test
    void looking_and_sweeping_write_nothing() throws IOException, InterruptedException {
        Sweeping.age(server.objects());
        Path orphan = Sweeping.plant(warehouse.directory("t").resolve("data/left-by-a-writer.parquet"));
        List<String> rows = warehouse.reader("t").rows();
        wire.plan(READING);
        for (String command : List.of("inspect", "verify", "orphans")) {
            Sink.Ended ended = sink.run(command);
            assertThat(ended.exit()).as("%s", ended).isZero();
            assertThat(ended.stdout()).contains("paths.t").doesNotContain("denied");
        }

        Report denied = sink.run(SWEEP).report();
        wire.plan(SWEEPING);
        boolean stood = Files.exists(orphan);
        Report swept = sink.run(SWEEP).report();

        assertThat(denied.json().toString()).contains("s3:DeleteObject");
        assertThat(stood).isTrue();
        assertThat(swept.action("paths.t", "orphans").reason()).as("%s", swept).isEqualTo("orphans-deleted");
        assertThat(orphan).doesNotExist();
        assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        assertThat(warehouse.reader("t").reachable()).allMatch(Files::exists);
    }

    @Test
    void who_may_not_write_data_compacts_nothing_and_leaves_nothing() throws IOException, InterruptedException {
        wire.plan(EXPIRING);

        Report report = sink.maintain("--compact");

        assertThat(report.action("paths.t", "expire").reason()).isEqualTo("expired");
        assertThat(report.action("paths.t", "compact").reason()).isEqualTo("permission-denied");
        assertThat(report.action("paths.t", "compact").detail()).contains("s3:PutObject");
        TreeSet<Path> superfluous = SavedTree.files(warehouse.directory("t"));
        superfluous.removeAll(warehouse.reader("t").reachable());
        assertThat(superfluous)
                .allMatch(file ->
                        file.endsWith("version-hint.text") || made.files().contains(file));
    }

    @Test
    void the_check_names_what_is_missing_and_leaves_nothing_behind() throws IOException, InterruptedException {
        TreeSet<Path> before = made.files();
        wire.plan(COMPACTING);
        Sink.Ended sound = sink.run("check", "--connect");

        assertThat(sound.exit()).as("%s", sound).isZero();
        assertThat(sound.stdout()).contains("paths.t", "delete", "ok").doesNotContain("FAILED");
        assertThat(SavedTree.files(server.objects().resolve("lake"))).isEqualTo(before);

        wire.plan(EXPIRING);
        Sink.Ended withoutData = sink.run("check", "--connect");
        wire.plan(READING);
        Sink.Ended reading = sink.run("check", "--connect");
        wire.plan(READING.without("s3:ListBucket"));
        Sink.Ended blind = sink.run("check", "--connect");

        assertThat(withoutData.exit()).isEqualTo(21);
        assertThat(withoutData.stdout()).containsPattern("put of s3://lake/exports/t/data/.* failed: .*s3:PutObject");
        assertThat(reading.exit()).isEqualTo(21);
        assertThat(reading.stdout())
                .containsPattern("read +ok")
                .containsPattern("commit of paths.t failed: .*s3:PutObject");
        assertThat(blind.exit()).isEqualTo(22);
        assertThat(blind.stdout()).containsPattern("list tables of paths failed: .*s3:ListBucket");
        assertThat(SavedTree.files(server.objects().resolve("lake"))).isEqualTo(before);
    }

    /** Without one of its permissions a command changes nothing of the table, and says which it lacks. */
    private void assertDenied(S3Policy policy, String missing, String... options)
            throws IOException, InterruptedException {
        wire.plan(policy);

        Report report = sink.maintain(options);

        assertThat(report.json().toString())
                .as("%s", report)
                .contains("\"reason\":\"permission-denied\"")
                .contains(missing);
        assertThat(made.files()).allMatch(made::intact);
        made.restore();
    }
}
