package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.FaultyWire;
import io.sink.testing.S3Server;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import lib.ManyTables;
import lib.ManyTables.Made;
import lib.PeakMemory;
import lib.Running;
import lib.Sink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many tables under one data path expire as tables in places of their own do: every file that only expired snapshots
 * named goes, and what it costs to ask who else needs it is printed.
 *
 * <p>System properties: {@code sink.tables.shared}, tables under one data path (20); {@code sink.tables.own}, tables in
 * places of their own (50); {@code sink.tables.s3}, tables of either kind on S3, where requests are counted (6);
 * {@code sink.tables.parallel}, tables at work at once (1); {@code sink.program}, the {@code bin/sink} of another
 * build, to compare.
 */
class ExpireSharedDataPath {
    private static final int SHARED = Integer.getInteger("sink.tables.shared", 20);
    private static final int OWN = Integer.getInteger("sink.tables.own", 50);
    private static final int ON_S3 = Integer.getInteger("sink.tables.s3", 6);
    private static final String PARALLEL = System.getProperty("sink.tables.parallel", "1");
    private static final Duration PATIENCE = Duration.ofHours(2);

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"shared", "own"})
    void tables_lose_what_only_expired_snapshots_named_and_nothing_else(String places)
            throws IOException, InterruptedException, ExecutionException {
        boolean shared = places.equals("shared");
        String root = directory.resolve("lake").toString();
        List<Made> tables = new ManyTables(root, SecondReader::local)
                .make(directory.resolve("lake.db"), "lake", shared ? SHARED : OWN, shared ? root + "/shared" : null);

        expire(tables, root, Map.of(), places, null);
    }

    @ParameterizedTest
    @CsvSource({"shared", "own"})
    void on_s3_the_requests_are_counted(String places) throws IOException, InterruptedException, ExecutionException {
        boolean shared = places.equals("shared");
        try (S3Server server = S3Server.start(Files.createDirectories(directory.resolve("s3")));
                FaultyWire wire = FaultyWire.to(server.port())) {
            String root = "s3://" + S3Server.BUCKET + "/many";
            List<Made> tables = new ManyTables(root, server::locate)
                    .make(directory.resolve("lake.db"), "lake", ON_S3, shared ? root + "/shared" : null);

            expire(tables, root, S3Server.properties(wire.uri()), places + " on S3", wire);
        }
    }

    @Test
    void a_file_that_two_tables_need_stays_until_neither_does() throws IOException, InterruptedException {
        String root = directory.resolve("lake").toString();
        Path database = directory.resolve("lake.db");
        ManyTables many = new ManyTables(root, SecondReader::local);
        List<Made> tables = many.make(database, "lake", 3, root + "/shared");
        Made lender = tables.get(0);
        Path lent = lender.going().stream()
                .filter(file -> file.toString().endsWith(".parquet"))
                .findFirst()
                .orElseThrow();
        many.borrow(database, "lake", tables.get(1).name(), lent);
        Sink sink = configured(Sink.in(directory), root, Map.of());

        sink.run("maintain", "--report", "json");
        boolean thereWhileNeeded = Files.exists(lent);
        many.giveBack(database, "lake", tables.get(1).name(), lent);
        sink.run("maintain", "--report", "json");

        assertThat(thereWhileNeeded).isTrue();
        assertThat(lent).doesNotExist();
    }

    private void expire(
            List<Made> tables, String root, Map<String, String> storage, String places, @Nullable FaultyWire wire)
            throws IOException, InterruptedException, ExecutionException {
        Sink sink = configured(Sink.in(directory).with("SINK_JAVA_OPTS", "-Xmx256m"), root, storage);

        long start = System.nanoTime();
        Running running = sink.start(
                "maintain", "--parallel", PARALLEL, "--report", "ndjson", "--report-file", "report.ndjson", "-q");
        long peak = PeakMemory.of(running.process());
        Sink.Ended ended = running.ended(PATIENCE);

        System.out.printf(
                "%d tables, %s: %.1f s, peak RSS %d MB at -Xmx256m%s%n",
                tables.size(),
                places,
                (System.nanoTime() - start) / 1e9,
                peak >> 10,
                wire == null ? "" : ", requests " + requests(wire));
        assertThat(ended.exit()).as(ended.stderr()).isZero();
        assertThat(tables).allSatisfy(table -> {
            assertThat(table.staying()).allMatch(Files::exists);
            assertThat(table.going()).noneMatch(Files::exists);
        });
    }

    private static Sink configured(Sink sink, String root, Map<String, String> storage) throws IOException {
        String properties = storage.entrySet().stream()
                .map(property -> ", %s: \"%s\"".formatted(property.getKey(), property.getValue()))
                .collect(Collectors.joining());
        return sink.configured("""
                version: 1
                catalogs:
                  lake: { type: jdbc, uri: "jdbc:sqlite:./lake.db", warehouse: "%s"%s }
                maintenance:
                  expire: { older-than: 0s, retain-last: 1 }
                """.formatted(root, properties));
    }

    /** By method, since that is what a store bills. */
    private static Map<String, Long> requests(FaultyWire wire) {
        return wire.log().stream()
                .map(line -> line.split(" ")[1])
                .collect(Collectors.groupingBy(method -> method, TreeMap::new, Collectors.counting()));
    }
}
