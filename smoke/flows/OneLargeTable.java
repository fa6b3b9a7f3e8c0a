package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sink.testing.Seeds;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import lib.Cost;
import lib.Lake;
import lib.ManyFiles;
import lib.Report;
import lib.Running;
import lib.Sink;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One table of a great many files, most of which nobody wrote: what a plan costs, and a compaction of some partitions
 * while others are written to.
 *
 * <p>System properties: {@code sink.large.files}, files of the table, a hundred to each partition;
 * {@code sink.large.compactions}, how many compactions.
 */
@ExtendWith(Seeds.Given.class)
class OneLargeTable {
    private static final int FILES = Integer.getInteger("sink.large.files", 20_000);
    private static final int COMPACTIONS = Integer.getInteger("sink.large.compactions", 1);
    private static final int FILES_PER_PARTITION = 100;
    private static final int PARTITIONS = Math.max(1, FILES / FILES_PER_PARTITION);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Partitions of files that are there, beyond those of the others. */
    private static final List<Integer> REAL = List.of(-5, -4, -3, -2, -1);

    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.required(2, "p", Types.IntegerType.get()));

    @TempDir
    Path directory;

    private Lake lake;
    private Table table;
    private Sink sink;
    private long nextId;

    @BeforeEach
    void make_a_table() throws IOException {
        lake = Lake.make(directory);
        table = lake.catalog()
                .createTable(
                        Lake.id("t"),
                        SCHEMA,
                        PartitionSpec.builderFor(SCHEMA).identity("p").build(),
                        Map.of("format-version", "2", "commit.retry.num-retries", "50"));
        ManyFiles.append(table, 0, PARTITIONS, FILES);
        sink = Sink.in(directory).configured(Lake.CONFIGURATION).with("SINK_JAVA_OPTS", "-Xmx256m");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void is_planned_from_sums() throws Exception {
        Running running = sink.start("maintain", "--compact", "--dry-run", "--report", "json", "--max-bytes", "1 GiB");
        Cost cost = Cost.of(running.process());
        Report report = running.ended(PATIENCE).report();

        System.out.printf(
                "OneLargeTable: %d files in %d partitions, a plan above the cap: %s%n", FILES, PARTITIONS, cost);
        JsonNode compact = report.action("lake.web.t", "compact").json();
        assertThat(compact.path("reason").asText()).as("%s", report).isEqualTo("above-byte-cap");
        assertThat(compact.path("detail").asText()).contains(FILES + " files");
    }

    @Test
    void is_inspected_without_keeping_it() throws Exception {
        Running running = sink.start("inspect", "--report", "json");
        Cost cost = Cost.of(running.process());
        Report report = running.ended(PATIENCE).report();

        System.out.printf("OneLargeTable: %d files, an inspection: %s%n", FILES, cost);
        JsonNode found = report.action("lake.web.t", "inspect").json().path("inspection");
        assertThat(found.path("data_files").asLong()).as("%s", report).isEqualTo(FILES);
    }

    @Test
    void some_of_it_is_compacted_while_others_append() throws Exception {
        for (int attempts : List.of(5, 1)) {
            Map<String, Integer> reasons = new TreeMap<>();
            List<Long> windows = new ArrayList<>();
            Map<Integer, Integer> took = new TreeMap<>();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            AtomicInteger appends = new AtomicInteger();
            AtomicBoolean stopped = new AtomicBoolean();
            Thread appender = new Thread(() -> appendEachSecond(stopped, failure, appends), "appender");
            appender.start();
            try {
                for (int compaction = 0; compaction < COMPACTIONS; compaction++) {
                    fill();
                    Report report = compact(attempts);
                    JsonNode json = report.action("lake.web.t", "compact").json();
                    assertThat(json.path("reason").asText()).as("%s", json).isIn("compacted", "commit-conflict");
                    reasons.merge(json.path("reason").asText(), 1, Integer::sum);
                    windows.add(json.path("commit_window_ms").asLong());
                    took.merge(json.path("commit_attempts").asInt(), 1, Integer::sum);
                }
            } finally {
                // Not by an interrupt, which a commit of its own would fail of.
                stopped.set(true);
                LockSupport.unpark(appender);
                appender.join();
            }
            windows.sort(null);
            System.out.printf(
                    "OneLargeTable: %d files, commit-attempts %d, %d appends meanwhile: %s, after attempts %s, window of %d ms"
                            + " in the middle, %d at most%n",
                    FILES,
                    attempts,
                    appends.get(),
                    reasons,
                    took,
                    windows.get(windows.size() / 2),
                    windows.get(windows.size() - 1));
            assertThat(failure).hasNullValue();
            assertThat(ids()).isEqualTo(LongStream.range(0, nextId).boxed().toList());
        }
    }

    @Test
    void waves_and_the_rest_of_a_budget_are_in_the_report() throws Exception {
        fill();
        long bytes = realBytes();
        String[] waves = {
            "--where", "p < 0", "--waves", "3", "--max-bytes", Long.toString(bytes * 9 / 20), "--older-than", "1d"
        };

        Report dry = maintain(waves, "--dry-run");
        Report part = maintain(
                new String[] {"--where", "p < 0", "--older-than", "1d"},
                "--max-run-bytes",
                Long.toString(bytes * 5 / 20));
        Report done = maintain(waves);

        assertThat(compactions(dry)).containsExactly("would-compact 200", "would-compact 200", "would-compact 100");
        assertThat(compactions(part)).containsExactly("compacted 100");
        assertThat(part.action("lake.web.t", "compact").effect("backlog_files")).isEqualTo(400);
        assertThat(compactions(done)).containsExactly("compacted 200", "compacted 200");
        assertThat(ids()).isEqualTo(LongStream.range(0, nextId).boxed().toList());
    }

    private Report maintain(String[] arguments, String... more) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("maintain", "--compact", "--report", "json"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(more));
        Report report = sink.start(all.toArray(String[]::new)).ended(PATIENCE).report();
        assertThat(report.exit()).as("%s", report).isZero();
        return report;
    }

    /** Each compaction of a report: its reason, and how many files it takes. */
    private static List<String> compactions(Report report) {
        List<String> found = new ArrayList<>();
        report.json().path("tables").path(0).path("actions").forEach(action -> {
            if (action.path("action").asText().equals("compact")) {
                found.add(action.path("reason").asText() + " "
                        + action.path("effect").path("data_files_rewritten").asLong());
            }
        });
        return found;
    }

    /** Bytes of the files that are there. */
    private long realBytes() throws IOException {
        table.refresh();
        long bytes = 0;
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().filter(Expressions.lessThan("p", 0)).planFiles()) {
            for (FileScanTask task : tasks) {
                bytes += task.length();
            }
        }
        return bytes;
    }

    private Report compact(int attempts) throws IOException, InterruptedException {
        return sink.start(
                        "maintain",
                        "--compact",
                        "--report",
                        "json",
                        "--where",
                        "p between -5 and -1",
                        "--commit-attempts",
                        Integer.toString(attempts),
                        "--older-than",
                        "1d")
                .ended(PATIENCE)
                .report();
    }

    /** Five hundred small files, a hundred to each of five partitions. */
    private void fill() throws IOException {
        table.refresh();
        var append = table.newFastAppend();
        for (int partition : REAL) {
            for (int file = 0; file < FILES_PER_PARTITION; file++) {
                append.appendFile(
                        new TableChanges(table).write(rows(partition), SCHEMA, table.spec(), partition(partition)));
            }
        }
        append.commit();
    }

    private List<Record> rows(int partition) {
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", nextId++);
        row.setField("p", partition);
        return List.of(row);
    }

    private Record partition(int number) {
        Record partition = GenericRecord.create(table.spec().partitionType());
        partition.setField("p", number);
        return partition;
    }

    /** The ids in the partitions whose files are there. */
    private List<Long> ids() throws IOException {
        table.refresh();
        List<Long> ids = new ArrayList<>();
        try (CloseableIterable<Record> rows =
                IcebergGenerics.read(table).where(Expressions.lessThan("p", 0)).build()) {
            rows.forEach(row -> ids.add((Long) row.getField("id")));
        }
        ids.sort(null);
        return ids;
    }

    /** Into another partition, by entries of files that nobody wrote. */
    private void appendEachSecond(AtomicBoolean stopped, AtomicReference<Throwable> failure, AtomicInteger appends) {
        Table own = lake.catalog().loadTable(Lake.id("t"));
        try {
            while (!stopped.get()) {
                try {
                    ManyFiles.append(own, 1_000_000 + appends.get(), 1, 1);
                    appends.incrementAndGet();
                } catch (CommitFailedException lost) {
                    own.refresh();
                }
                LockSupport.parkNanos(1_000_000_000L);
            }
        } catch (IOException | RuntimeException e) {
            failure.set(e);
        }
    }
}
