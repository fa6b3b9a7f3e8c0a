package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.catalog.TableSource;
import io.sink.testing.Exchange;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import io.sink.testing.Sweeping;
import io.sink.testing.TableChanges;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import lib.LakeTable;
import lib.Report;
import lib.Running;
import lib.Sink;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** What a run on S3 leaves behind when it is killed, the next one takes away; and nothing else. */
@ExtendWith(Seeds.Given.class)
class KilledOnS3 {
    private static final int KILLS = Integer.getInteger("sink.s3.kills", 1);
    private static final List<String> BOTH = List.of("t", "u");
    /** An entry of a run's journal, and the run. */
    private static final Pattern ENTRY = Pattern.compile("sink-staged-([^.]+)\\.");

    @TempDir
    Path directory;

    private S3Server server;
    private FaultyWire wire;
    private PathWarehouse warehouse;
    private List<String> rows;

    @BeforeEach
    void make_a_table() throws IOException, InterruptedException {
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
        rows = warehouse.reader("t").rows();
    }

    @AfterEach
    void stop() {
        wire.close();
        server.close();
    }

    @Test
    void a_compaction_that_was_killed_while_it_staged() throws IOException, InterruptedException {
        Sink sink = configured("compact: { min-data-files: 2, min-input-files: 2 }");

        killAt(sink, exchange -> exchange.path().contains("/t/data/"), "maintain", "--compact");

        assertThat(superfluous())
                .anyMatch(file -> file.toString().contains("sink-staged-"))
                .anyMatch(file -> file.toString().endsWith(".parquet"));
        assertThat(warehouse.reader("t").rows()).isEqualTo(rows);

        Report next = sink.maintain("--compact");

        assertThat(next.exit()).as("%s", next).isZero();
        assertThat(next.action("paths.t", "settle").reason()).isEqualTo("settled");
        assertThat(next.action("paths.t", "settle").effect("staged_files_deleted"))
                .isEqualTo(1);
        assertThat(next.action("paths.t", "compact").reason()).isEqualTo("compacted");
        assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        assertThat(superfluous()).isEmpty();
    }

    @Test
    void a_compaction_that_was_killed_while_it_uploaded_in_parts() throws IOException, InterruptedException {
        try (TableSource source = warehouse.open()) {
            BaseTable table = PathWarehouse.load(source, "t");
            new TableChanges(table).append(incompressible(8));
            new TableChanges(table).append(incompressible(8));
        }
        List<String> large = warehouse.reader("t").rows();
        TreeSet<Path> before = SavedTree.files(warehouse.directory("t"));
        Sink sink = configured("compact: { min-data-files: 2, min-input-files: 2 }");

        killAt(sink, exchange -> exchange.target().contains("partNumber=2"), "maintain", "--compact");

        assertThat(uploads()).hasSize(1).allMatch(key -> key.startsWith("exports/t/data/"));
        String unfinished = uploads().get(0);
        String others = beginUpload(unfinished + ".of-another");
        assertThat(warehouse.reader("t").rows()).isEqualTo(large);
        assertThat(SavedTree.files(warehouse.directory("t"))).containsAll(before);

        Report next = sink.maintain("--compact");

        assertThat(next.exit()).as("%s", next).isZero();
        assertThat(next.action("paths.t", "settle").detail()).contains("unfinished uploads aborted: 1");
        assertThat(uploads()).containsExactly(others);
        assertThat(next.action("paths.t", "compact").reason()).isEqualTo("compacted");
        assertThat(warehouse.reader("t").rows()).isEqualTo(large);
        // Nobody knows whether a request that would finish the file is still on its way: its entry stays for a day.
        assertThat(superfluous())
                .singleElement()
                .satisfies(entry -> assertThat(entry)
                        .content()
                        .contains("\"kind\":\"file\"", unfinished.substring(unfinished.lastIndexOf('/') + 1)));
    }

    @Test
    void an_expiry_that_was_killed_after_its_commit_and_before_its_deletions()
            throws IOException, InterruptedException {
        Sink sink = configured("expire: { older-than: 0s, retain-last: 2 }");

        killAt(sink, exchange -> exchange.path().matches(".*/v\\d+\\.metadata\\.json"), "maintain");

        assertThat(warehouse.reader("t").snapshots()).hasSize(2);
        assertThat(superfluous()).anyMatch(file -> file.toString().contains("sink-journal-"));

        Report next = sink.maintain();

        assertThat(next.exit()).as("%s", next).isZero();
        assertThat(next.reasons()).containsEntry("paths.t", "expired");
        assertThat(next.action("paths.t").effect("data_files_deleted")).isEqualTo(1);
        assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        assertThat(superfluous()).isEmpty();
    }

    /** A run of every kind, killed after some time that a run of it takes; then another that finishes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "maintain --older-than 0s --retain-last 1",
                "maintain --compact --min-data-files 2 --min-input-files 2",
                "maintain --remove-dangling-deletes",
                "maintain --rewrite-manifests --min-manifests 2",
                "orphans --delete --max-orphan-bytes-percent 100"
            })
    void a_run_that_was_killed_at_any_moment(String line, Seeds seeds) throws Exception {
        try (TableSource source = warehouse.open()) {
            warehouse.create("u", 2, Map.of());
            LakeTable table = new LakeTable(PathWarehouse.load(source, "u"));
            for (int i = 0; i < 6; i++) {
                table.append(10 * i, 10 * i + 1).deleteTooLate(7, 8);
            }
            table.replaceByFiles(4, 2, 3).appendAndDeleteFirst(5, 6);
        }
        if (line.startsWith("orphans")) {
            for (int file = 0; file < 400; file++) {
                Sweeping.plant(warehouse
                        .directory(file % 2 == 0 ? "t" : "u")
                        .resolve("data/%05d-0-0195e7a0-0000-7000-8000-000000000000-00001.parquet".formatted(file)));
            }
            Sweeping.age(server.objects());
        }
        Sink sink = configured("expire: { older-than: 365d }");
        seeds.once("sink.s3.kills", random -> killAtAnyMoment(random, sink, line));
    }

    private void killAtAnyMoment(Random random, Sink sink, String line) throws IOException, InterruptedException {
        String[] arguments = (line + " --report json").split(" ");
        SavedTree before = SavedTree.of(server.objects());
        Map<String, List<String>> rowsBefore = rowsOfBoth();
        long start = System.nanoTime();
        assertThat(sink.run(arguments).exit()).isZero();
        long usual = System.nanoTime() - start;
        Set<Path> asItShouldBe = withoutEntries();
        restore(before);

        int struck = 0;
        int changed = 0;
        for (int run = 0; struck < KILLS && run < 3 * KILLS; run++) {
            // The first two fifths are the start of a JVM.
            long after = (long) (usual * (0.4 + 0.6 * random.nextDouble()));
            Running running = sink.start(arguments);
            CompletableFuture.delayedExecutor(after, TimeUnit.NANOSECONDS).execute(running::kill);
            boolean killed = running.ended().exit() != 0;
            struck += killed ? 1 : 0;
            usual = killed ? usual : Math.min(usual, after);
            changed += killed && !SavedTree.files(server.objects()).equals(before.files()) ? 1 : 0;
            String when = "%s, kill %d after %d ms".formatted(line, struck, after / 1_000_000);
            assertThat(rowsOfBoth()).as(when).isEqualTo(rowsBefore);

            Report next = sink.run(arguments).report();

            assertThat(next.exit()).as("%s: %s", when, next).isZero();
            assertThat(rowsOfBoth()).as(when).isEqualTo(rowsBefore);
            for (String table : BOTH) {
                assertThat(warehouse.reader(table).reachable()).as(when).allMatch(Files::exists);
            }
            Set<Path> left = withoutEntries();
            assertThat(left.size())
                    .as(() -> "%s: came: %s; went: %s; of a whole run came: %s; entries: %s; %s"
                            .formatted(
                                    when,
                                    without(left, before.files()),
                                    without(before.files(), left),
                                    without(asItShouldBe, before.files()),
                                    without(SavedTree.files(server.objects()), left),
                                    next))
                    .isEqualTo(asItShouldBe.size());
            restore(before);
        }
        System.out.printf(
                "KilledOnS3: %s: %d kills in runs of %d ms, %d of them with files that came or went; violations 0%n",
                line, struck, usual / 1_000_000, changed);
        assertThat(struck).isEqualTo(KILLS);
    }

    /** As it was, and as old: a sweep leaves what is young. */
    private void restore(SavedTree before) {
        before.restore();
        Sweeping.age(server.objects());
    }

    private static Set<Path> without(Set<Path> these, Set<Path> those) {
        Set<Path> rest = new TreeSet<>(these);
        rest.removeAll(those);
        return rest;
    }

    private Map<String, List<String>> rowsOfBoth() {
        Map<String, List<String>> both = new TreeMap<>();
        BOTH.forEach(table -> both.put(table, warehouse.reader(table).rows()));
        return both;
    }

    /**
     * The objects, without hints, without entries of a journal that stay for a day, since a request that was on its
     * way may yet make their file, and without the objects by which a run asks whether the storage can keep it from
     * overwriting, which a later run takes away when they are old. Of a dead run that may have sent its commit, what
     * its entries name stays for a day too, since that request may be on its way.
     */
    private Set<Path> withoutEntries() throws IOException {
        Set<Path> files = SavedTree.files(server.objects());
        files.removeAll(awaited(files));
        files.removeIf(
                file -> file.endsWith("version-hint.text") || file.toString().matches(".*sink-(staged|probe)-.*"));
        return files;
    }

    /** What entries name of runs whose commit may be on its way. */
    private Set<Path> awaited(Set<Path> files) throws IOException {
        Map<String, Set<Path>> named = new TreeMap<>();
        Set<String> sent = new TreeSet<>();
        for (Path file : files) {
            Matcher entry = ENTRY.matcher(file.toString());
            if (entry.find()) {
                JsonNode json = new ObjectMapper().readTree(file.toFile());
                named.computeIfAbsent(entry.group(1), any -> new TreeSet<>())
                        .add(server.objects().resolve(json.path("file").asText().replaceFirst("^s3://", "")));
                if (Set.of("commit", "metadata").contains(json.path("kind").asText())) {
                    sent.add(entry.group(1));
                }
            }
        }
        Set<Path> awaited = new TreeSet<>();
        sent.forEach(run -> awaited.addAll(named.get(run)));
        // What the table needs is counted in any case.
        for (String table : BOTH) {
            awaited.removeAll(warehouse.reader(table).reachable());
        }
        return awaited;
    }

    private Sink configured(String maintenance) throws IOException {
        Map<String, String> properties = new HashMap<>(S3Server.properties(wire.uri()));
        properties.put("s3.multipart.part-size-bytes", Integer.toString(5 << 20));
        return Sink.in(directory)
                .configured("""
                version: 1
                catalogs:
                %smaintenance:
                  %s
                """.formatted(warehouse.with(properties).yaml(), maintenance));
    }

    /** Rows of that many MiB, which stay as large when they are compressed. */
    private static List<Record> incompressible(int mebibytes) {
        Random random = new Random(17);
        List<Record> rows =
                LakeTable.rows(LongStream.range(100, 100 + 16L * mebibytes).toArray());
        for (Record row : rows) {
            byte[] bytes = new byte[48 << 10];
            random.nextBytes(bytes);
            row.setField("name", Base64.getEncoder().encodeToString(bytes));
        }
        return rows;
    }

    private List<String> uploads() {
        try (S3FileIO io = server.io()) {
            return io.client().listMultipartUploads(list -> list.bucket(S3Server.BUCKET)).uploads().stream()
                    .map(MultipartUpload::key)
                    .toList();
        }
    }

    private String beginUpload(String key) {
        try (S3FileIO io = server.io()) {
            io.client()
                    .createMultipartUpload(
                            create -> create.bucket(S3Server.BUCKET).key(key));
            return key;
        }
    }

    /** Kills a run while it waits for the answer to its first such PUT, which the server has carried out by then. */
    private void killAt(Sink sink, Predicate<Exchange> which, String... args) throws IOException, InterruptedException {
        CountDownLatch seen = new CountDownLatch(1);
        wire.plan(exchange -> {
            if (!exchange.method().equals("PUT") || !which.test(exchange)) {
                return WireFault.NONE;
            }
            seen.countDown();
            return WireFault.slowAnswer(Duration.ofSeconds(20));
        });
        Running running = sink.start(args);
        assertThat(seen.await(2, TimeUnit.MINUTES)).isTrue();
        Thread.sleep(1_500);
        running.kill();
        running.ended();
        wire.plan(exchange -> WireFault.NONE);
    }

    private TreeSet<Path> superfluous() {
        SecondReader reader = warehouse.reader("t");
        TreeSet<Path> files = SavedTree.files(warehouse.directory("t"));
        assertThat(files).containsAll(reader.reachable());
        files.removeAll(reader.reachable());
        files.removeIf(file -> file.endsWith("version-hint.text"));
        return files;
    }
}
