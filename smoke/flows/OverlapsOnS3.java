package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.TableChanges;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import lib.LakeTable;
import lib.Report;
import lib.Sink;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a compaction on S3 asks for, and when, by the wire to a server that takes its time. */
class OverlapsOnS3 {
    private static final int FILES = 12;

    @TempDir
    Path directory;

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger inputsAsked = new AtomicInteger();
    private final CountDownLatch uploading = new CountDownLatch(1);

    /**
     * The last request for one of these waits until an upload has begun; without such a wait a busy machine decides.
     */
    private volatile List<String> held = List.of();

    private S3Server server;
    private FaultyWire wire;
    private PathWarehouse warehouse;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        server = S3Server.start(directory);
        wire = FaultyWire.to(server.port());
        warehouse = PathWarehouse.onS3(server, "s3://lake/exports");
        wire.plan(exchange -> {
            String request = exchange.method() + " " + exchange.target();
            if (request.contains("partNumber=1")) {
                uploading.countDown();
            }
            if (request.startsWith("GET") && isOneOf(held, request) && inputsAsked.incrementAndGet() == 2 * FILES) {
                await(uploading);
            }
            requests.add(request);
            return WireFault.slowAnswer(Duration.ofMillis(exchange.target().contains("partNumber") ? 600 : 30));
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        wire.close();
        server.close();
    }

    @Test
    void inputs_are_fetched_while_the_output_is_uploaded_and_each_twice_at_most()
            throws IOException, InterruptedException {
        List<String> inputs = table(2 << 20);
        List<String> rows = warehouse.reader("t").rows();
        held = inputs;

        Report report = compact();

        assertThat(report.action("paths.t", "compact").reason()).isEqualTo("compacted");
        assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        assertThat(asked(inputs)).as("the end, for the plan, and the whole").containsOnlyKeys(inputs);
        assertThat(asked(inputs).values()).allMatch(times -> times == 2);
        assertThat(first(request -> request.contains("partNumber=1")))
                .as("of %s", requests)
                .isNotNegative()
                .isLessThan(last(request -> request.startsWith("GET") && isOneOf(inputs, request)));
        assertThat(requests).noneMatch(request -> request.startsWith("HEAD") && isOneOf(inputs, request));
    }

    @Test
    void a_file_of_a_few_rows_is_fetched_once() throws IOException, InterruptedException {
        List<String> inputs = table(16 << 10);
        List<String> rows = warehouse.reader("t").rows();

        Report report = compact();

        assertThat(report.action("paths.t", "compact").reason()).isEqualTo("compacted");
        assertThat(warehouse.reader("t").rows()).isEqualTo(rows);
        assertThat(asked(inputs)).containsOnlyKeys(inputs);
        assertThat(asked(inputs).values()).allMatch(times -> times == 1);
        assertThat(requests).noneMatch(request -> request.startsWith("HEAD") && isOneOf(inputs, request));
    }

    private Report compact() throws IOException, InterruptedException {
        Map<String, String> properties = new HashMap<>(S3Server.properties(wire.uri()));
        properties.put("s3.multipart.part-size-bytes", Integer.toString(5 << 20));
        return Sink.in(directory)
                .configured("""
                version: 1
                catalogs:
                %smaintenance:
                  compact: { min-data-files: 2, min-input-files: 2 }
                """.formatted(warehouse.with(properties).yaml()))
                .with("SINK_JAVA_OPTS", "-Xmx256m")
                .maintain("--compact");
    }

    /** A table of files of this size; gives their keys. */
    private List<String> table(int bytes) throws IOException {
        warehouse.create("t", 2, Map.of("write.parquet.row-group-size-bytes", Integer.toString(4 << 20)));
        try (TableSource source = warehouse.open()) {
            BaseTable table = PathWarehouse.load(source, "t");
            for (int file = 0; file < FILES; file++) {
                new TableChanges(table).append(incompressible(file, bytes));
            }
            try (var tasks = table.newScan().planFiles()) {
                return StreamSupport.stream(tasks.spliterator(), false)
                        .map(task -> task.file())
                        .map(DataFile::location)
                        .map(location -> location.substring(location.lastIndexOf('/') + 1))
                        .toList();
            }
        }
    }

    private static List<Record> incompressible(int file, int bytes) {
        Random random = new Random(file);
        List<Record> rows =
                LakeTable.rows(LongStream.range(file * 8L, file * 8L + 8).toArray());
        for (Record row : rows) {
            byte[] noise = new byte[bytes / 8];
            random.nextBytes(noise);
            row.setField("name", Base64.getEncoder().encodeToString(noise));
        }
        return rows;
    }

    /** How often each of these files was asked for. */
    private Map<String, Long> asked(List<String> files) {
        return requests.stream()
                .filter(request -> request.startsWith("GET"))
                .flatMap(request -> files.stream().filter(request::contains))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private static boolean isOneOf(List<String> files, String request) {
        return files.stream().anyMatch(request::contains);
    }

    private int first(Predicate<String> which) {
        for (int i = 0; i < requests.size(); i++) {
            if (which.test(requests.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private int last(Predicate<String> which) {
        for (int i = requests.size() - 1; i >= 0; i--) {
            if (which.test(requests.get(i))) {
                return i;
            }
        }
        return -1;
    }
}
