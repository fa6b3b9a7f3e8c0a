package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.TableChanges;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import lib.LakeTable;
import lib.Report;
import lib.Report.Action;
import lib.Sink;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run may read, and how long it may take, it keeps to within one group of files, over several tables. */
class RunsKeepLimits {
    private static final List<String> TABLES = List.of("t1", "t2", "t3", "t4");
    private static final int GROUPS = 3;
    /** Enough for the first table, also where other processes keep the machine busy. */
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private S3Server server;
    private FaultyWire wire;
    private PathWarehouse warehouse;
    private Sink sink;
    private final SortedMap<String, List<String>> rows = new TreeMap<>();

    @BeforeEach
    void make_tables_of_three_groups() throws IOException, InterruptedException {
        server = S3Server.start(directory);
        wire = FaultyWire.to(server.port());
        warehouse = PathWarehouse.onS3(server, "s3://lake/exports");
        try (TableSource source = warehouse.open()) {
            for (String name : TABLES) {
                warehouse.create(name, 2, Map.of());
                BaseTable table = PathWarehouse.load(source, name);
                table.updateSpec().addField(Expressions.truncate("id", 10)).commit();
                for (int file = 0; file < 3; file++) {
                    new TableChanges(table).append(LakeTable.rows(1, 2, 11, 12, 21, 22));
                }
            }
        }
        TABLES.forEach(name -> rows.put(name, warehouse.reader(name).rows()));
        sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                %smaintenance:
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
    void after_the_deadline_no_group_begins() throws IOException, InterruptedException {
        AtomicReference<Instant> seen = new AtomicReference<>(Instant.MAX);
        AtomicInteger groups = new AtomicInteger();
        wire.plan(exchange -> {
            Instant now = Instant.now();
            Instant first = seen.accumulateAndGet(now, (one, other) -> one.isBefore(other) ? one : other);
            boolean group = exchange.method().equals("PUT") && exchange.path().contains("/data/");
            if (!group || groups.incrementAndGet() != GROUPS + 1) {
                return WireFault.NONE;
            }
            // The first of the second table: whatever is on this wire came after the run's start, from which it counts.
            return WireFault.slowAnswer(Duration.between(now, first.plus(DEADLINE)));
        });

        Report report = sink.maintain("--compact", "--deadline", DEADLINE.toSeconds() + "s");

        Instant deadline =
                Instant.parse(report.json().path("started_at").asText()).plus(DEADLINE);
        Instant ended = Instant.parse(report.json().path("ended_at").asText());
        System.out.printf(
                "%d groups of %d begun, one of them at work at the deadline; the end %d ms after it%n",
                groups.get(),
                GROUPS * TABLES.size(),
                Duration.between(deadline, ended).toMillis());
        assertThat(report.exit()).as("%s", report).isZero();
        assertThat(groups).as("%s", report).hasValue(GROUPS + 1);
        assertThat(ended).isAfter(deadline);
        // Where there is no more to gain in one than in another, their names decide.
        assertThat(last(report, "t1").reason()).as("%s", report).isEqualTo("compacted");
        for (String name : TABLES.subList(1, TABLES.size())) {
            assertThat(last(report, name).reason()).as("%s", report).isEqualTo("deadline-reached");
        }
        assertThat(last(report, "t2").effect("staged_files_deleted"))
                .as("%s", report)
                .isEqualTo(1);
        assertThat(last(report, "t4").detail()).as("%s", report).startsWith("not begun");
        assertWhole();

        wire.plan(exchange -> WireFault.NONE);
        Report next = sink.maintain("--compact");

        for (String name : TABLES) {
            assertThat(last(next, name).reason())
                    .as("%s", next)
                    .isEqualTo(name.equals("t1") ? "nothing-to-rewrite" : "compacted");
        }
        assertWhole();
    }

    @Test
    void no_byte_is_read_above_a_budget_and_what_is_left_of_it_serves_groups_of_another_table()
            throws IOException, InterruptedException {
        Report plan = sink.maintain("--compact", "--dry-run");
        long table = last(plan, "t1").effect("bytes_read");
        long group = table / GROUPS;
        long perTable = 2 * group + group / 2;
        long perRun = 5 * group;

        Report report = sink.maintain(
                "--compact",
                "--max-bytes",
                Long.toString(perTable),
                "--when-above-cap",
                "partial",
                "--max-run-bytes",
                Long.toString(perRun));

        assertThat(report.exit()).as("%s", report).isZero();
        long read = 0;
        for (String name : TABLES) {
            Action action = last(report, name);
            if (action.reason().equals("compacted")) {
                assertThat(action.effect("bytes_read"))
                        .as("%s", report)
                        .isPositive()
                        .isLessThanOrEqualTo(perTable);
                read += action.effect("bytes_read");
            } else {
                assertThat(action.reason()).as("%s", report).isEqualTo("deferred-budget");
                assertThat(action.effect("backlog_bytes")).as("%s", report).isEqualTo(table);
            }
        }
        // What two tables leave is enough for one group of a third.
        assertThat(read).as("%s", report).isBetween(perRun - group, perRun);
        assertWhole();
    }

    private static Action last(Report report, String name) {
        return report.lastAction("paths." + name);
    }

    /** Every row is there, every file that is needed, and no file of a rewrite that was given up. */
    private void assertWhole() {
        for (String name : TABLES) {
            SecondReader reader = warehouse.reader(name);
            TreeSet<Path> files = SavedTree.files(warehouse.directory(name));
            files.removeIf(file -> file.endsWith("version-hint.text"));
            assertThat(files).as(name).isEqualTo(reader.reachable());
            assertThat(reader.rows()).as(name).isEqualTo(rows.get(name));
        }
    }
}
