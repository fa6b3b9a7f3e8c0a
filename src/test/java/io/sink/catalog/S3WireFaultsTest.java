package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Exchange;
import io.sink.testing.Expiry;
import io.sink.testing.FaultyWire;
import io.sink.testing.S3Server;
import io.sink.testing.Seeds;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compactions and expiries on S3 over a wire that breaks at random: whatever it does, rows are exact, no needed file
 * goes, and what was staged is gone or listed, and gone after the next run.
 */
@ExtendWith(Seeds.Given.class)
class S3WireFaultsTest {
    @TempDir
    static Path folder;

    private static S3Server server;
    private static WiredTable table;

    @BeforeAll
    static void make_a_table() throws IOException, InterruptedException {
        server = S3Server.start(folder);
        table = new WiredTable(server, 5, id -> "name of " + id);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Begins at a request and lasts for some; or hits the requests that are the commit. */
    private record Schedule(String what, boolean atCommit, int first, int count, WireFault fault)
            implements Function<Exchange, WireFault> {
        private static final AtomicInteger SEEN = new AtomicInteger();

        @Override
        public WireFault apply(Exchange exchange) {
            if (atCommit && !(exchange.method().equals("PUT") && exchange.path().matches(WiredTable.COMMIT))) {
                return WireFault.NONE;
            }
            int number = SEEN.incrementAndGet();
            return number >= first && number < first + count ? fault : WireFault.NONE;
        }

        @Override
        public String toString() {
            return "%s, %s of %s %d and %d after it"
                    .formatted(what, fault, atCommit ? "commit" : "request", first, count - 1);
        }
    }

    @Test
    void rows_files_and_report_stay_true_whatever_the_wire_does(Seeds seeds) throws Exception {
        Map<String, Integer> requests = Map.of("compact", requests("compact"), "expire", requests("expire"));
        Map<Reason, Integer> ends = new TreeMap<>();
        AtomicInteger schedules = new AtomicInteger();
        seeds.each("sink.wire", 24, random -> {
            schedules.incrementAndGet();
            List<String> violations = new ArrayList<>();
            Schedule schedule = schedule(random, requests);
            table.restore();
            ActionResult result = run(schedule);
            ends.merge(result.reason(), 1, Integer::sum);
            table.look(schedule + ": ended as " + result, result, violations);
            table.runAgain();
            table.look(schedule + ": after the next run", null, violations);
            assertThat(violations).isEmpty();
        });
        System.out.printf("wire faults on S3: %s%n", ends);
        if (schedules.get() > 20) {
            assertThat(ends).hasSizeGreaterThan(2);
        }
    }

    private static Schedule schedule(Random random, Map<String, Integer> requests) {
        String what = random.nextBoolean() ? "compact" : "expire";
        boolean atCommit = random.nextInt(3) == 0;
        int all = requests.getOrDefault(what, 1);
        // More than the client repeats a request, and fewer.
        int count = random.nextBoolean() ? 1 + random.nextInt(2) : 3 + random.nextInt(8);
        WireFault fault = switch (random.nextInt(6)) {
            case 0 -> WireFault.cutRequest(random.nextInt(atCommit ? 6_000 : 2_000));
            case 1 -> WireFault.cutAnswer(random.nextInt(400));
            case 2 -> WireFault.slowAnswer(Duration.ofMillis(1_500));
            case 3 -> WireFault.refused(503, Map.of("Retry-After", "1"), "");
            case 4 -> WireFault.replaced(503, Map.of("Retry-After", "1"), "");
            default -> WireFault.repeated();
        };
        return new Schedule(what, atCommit, atCommit ? 1 : 1 + random.nextInt(all), count, fault);
    }

    private static int requests(String what) {
        table.restore();
        Schedule harmless = new Schedule(what, false, 0, 0, WireFault.NONE);
        run(harmless);
        return Schedule.SEEN.get();
    }

    private static ActionResult run(Schedule schedule) {
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            Map<String, String> properties = S3Server.properties(wire.uri());
            properties.put("s3.retry.num-retries", "2");
            properties.put("http-client.apache.socket-timeout-ms", "1000");
            try (TableSource source = table.open(properties)) {
                TableOperations ops = table.operations(source);
                Schedule.SEEN.set(0);
                wire.plan(schedule);
                ActionResult result = schedule.what().equals("compact")
                        ? Compacting.small().execute(ops)
                        : Expiry.keeping(2).execute(ops);
                wire.plan(exchange -> WireFault.NONE);
                return result;
            }
        }
    }
}
