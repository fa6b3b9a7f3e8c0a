package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Exchange;
import io.sink.testing.Expiry;
import io.sink.testing.FaultyWire;
import io.sink.testing.S3Server;
import io.sink.testing.Sweeping;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What stores answer now and then, each kind for itself: rows are exact, no needed file goes, what was staged is gone
 * or told of, and after the next run nothing is left, unfinished uploads included.
 */
class S3MisbehavesTest {
    private static final int ROWS_OF_A_FILE = 1000;
    private static final int CHARACTERS = 2500;
    private static final int EVER = Integer.MAX_VALUE;
    private static final String XML = "application/xml";

    @TempDir
    static Path folder;

    private static S3Server server;
    private static WiredTable table;

    @BeforeAll
    static void make_a_table() throws IOException, InterruptedException {
        server = S3Server.start(folder);
        table = new WiredTable(server, ROWS_OF_A_FILE, S3MisbehavesTest::text);
        Sweeping.age(table.directory());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Of these files four make one that is uploaded in two parts. */
    private static String text(long id) {
        Random random = new Random(id);
        return random.ints(CHARACTERS, 32, 127)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /**
     * One kind of misbehaviour.
     *
     * @param what the action that meets it
     * @param requests which requests it hits
     * @param times how many of them, from the first on
     * @param ends with what reasons the action may end
     */
    private record Case(
            String name, String what, Predicate<Exchange> requests, int times, WireFault fault, Set<Reason> ends) {
        @Override
        public String toString() {
            return name + ", " + what + (times == EVER ? ", ever" : ", " + times + " times");
        }
    }

    private static boolean isPart(Exchange exchange) {
        return exchange.method().equals("PUT") && exchange.asks("partNumber");
    }

    private static boolean isComplete(Exchange exchange) {
        return exchange.method().equals("POST") && exchange.asks("uploadId");
    }

    private static boolean isBulkDeletion(Exchange exchange) {
        return exchange.method().equals("POST") && exchange.asks("delete");
    }

    /** Not that of the catalog, which looks for metadata. */
    private static boolean isList(Exchange exchange) {
        return exchange.method().equals("GET")
                && exchange.asks("list-type")
                && !exchange.target().contains("metadata");
    }

    private static boolean writes(Exchange exchange) {
        return exchange.method().equals("PUT") || exchange.method().equals("POST");
    }

    private static String error(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code
                + "</Code><Message>as drawn</Message></Error>";
    }

    private static WireFault instead(int status, String code) {
        return WireFault.refused(status, Map.of("Content-Type", XML), error(code));
    }

    private static WireFault afterwards(int status, String body) {
        return WireFault.replaced(status, Map.of("Content-Type", XML), body);
    }

    private static final Set<Reason> COMPACTS = EnumSet.of(Reason.COMPACTED);
    private static final Set<Reason> EXPIRES = EnumSet.of(Reason.EXPIRED);
    private static final Set<Reason> SWEEPS = EnumSet.of(Reason.ORPHANS_DELETED);
    private static final Set<Reason> GUARDED = EnumSet.of(Reason.ORPHAN_GUARD);
    private static final Set<Reason> FAILS = EnumSet.of(Reason.STORAGE_ERROR);
    private static final Set<Reason> REFUSED = EnumSet.of(Reason.PERMISSION_DENIED);
    private static final WireFault SLOW_DOWN = instead(503, "SlowDown");
    private static final WireFault SILENT = afterwards(200, "<DeleteResult/>");
    private static final String NOTHING = "<ListBucketResult><Name>lake</Name><Prefix></Prefix><KeyCount>0</KeyCount>"
            + "<MaxKeys>1000</MaxKeys><IsTruncated>%s</IsTruncated></ListBucketResult>";

    static Stream<Case> cases() {
        Predicate<Exchange> parts = S3MisbehavesTest::isPart;
        Predicate<Exchange> complete = S3MisbehavesTest::isComplete;
        Predicate<Exchange> bulk = S3MisbehavesTest::isBulkDeletion;
        Predicate<Exchange> lists = S3MisbehavesTest::isList;
        Predicate<Exchange> writes = S3MisbehavesTest::writes;
        WireFault failedLate = instead(200, "InternalError");
        WireFault saidFailed = afterwards(200, error("InternalError"));
        return Stream.of(
                new Case("an upload ends with 200 and an error", "compact", complete, EVER, failedLate, FAILS),
                new Case("an upload ends with 200 and an error", "compact", complete, 1, failedLate, COMPACTS),
                new Case("an upload that ended, with 200 and an error", "compact", complete, EVER, saidFailed, FAILS),
                new Case("an upload that ended, with 200 and an error", "compact", complete, 1, saidFailed, COMPACTS),
                new Case("an end that arrives twice", "compact", complete, EVER, WireFault.repeated(), COMPACTS),
                new Case("parts that arrive twice", "compact", parts, EVER, WireFault.repeated(), COMPACTS),
                new Case("SlowDown for parts", "compact", parts, 2, SLOW_DOWN, COMPACTS),
                new Case("SlowDown for parts", "compact", parts, EVER, SLOW_DOWN, FAILS),
                new Case("SlowDown for all that writes", "compact", writes, 2, SLOW_DOWN, COMPACTS),
                new Case("keys that end at a part", "compact", parts, EVER, instead(400, "ExpiredToken"), REFUSED),
                new Case("keys that end at the end", "compact", complete, EVER, instead(400, "ExpiredToken"), REFUSED),
                new Case(
                        "a clock that is wrong", "compact", parts, EVER, instead(403, "RequestTimeTooSkewed"), REFUSED),
                new Case("a bucket elsewhere", "compact", parts, EVER, instead(301, "PermanentRedirect"), FAILS),
                new Case(
                        "a part that is told of as another",
                        "compact",
                        parts,
                        1,
                        WireFault.replaced(200, Map.of("ETag", "\"0\""), ""),
                        FAILS),
                new Case(
                        "a deletion without a word, not done",
                        "expire",
                        bulk,
                        EVER,
                        WireFault.refused(200, Map.of("Content-Type", XML), "<DeleteResult/>"),
                        EXPIRES),
                new Case("a deletion without a word, done", "expire", bulk, EVER, SILENT, EXPIRES),
                new Case(
                        "a deletion of something else",
                        "expire",
                        bulk,
                        EVER,
                        afterwards(
                                200,
                                "<DeleteResult><Error><Key>else</Key><Code>InternalError</Code></Error></DeleteResult>"),
                        EXPIRES),
                new Case("SlowDown for deletions", "expire", bulk, EVER, SLOW_DOWN, EXPIRES),
                new Case("SlowDown for all that writes", "expire", writes, 2, SLOW_DOWN, EXPIRES),
                new Case("a deletion that arrives twice", "expire", bulk, EVER, WireFault.repeated(), EXPIRES),
                new Case(
                        "a list of nothing",
                        "sweep",
                        lists,
                        EVER,
                        WireFault.refused(200, Map.of("Content-Type", XML), NOTHING.formatted("false")),
                        GUARDED),
                new Case(
                        "a list without an end",
                        "sweep",
                        lists,
                        EVER,
                        WireFault.refused(200, Map.of("Content-Type", XML), NOTHING.formatted("true")),
                        GUARDED),
                new Case("SlowDown for lists", "sweep", lists, EVER, SLOW_DOWN, FAILS),
                new Case(
                        "a deletion without a word, not done",
                        "sweep",
                        bulk,
                        EVER,
                        WireFault.refused(200, Map.of("Content-Type", XML), "<DeleteResult/>"),
                        SWEEPS));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nothing_is_lost_and_nothing_left(Case each) throws IOException {
        table.restore();
        Sweeping.age(table.directory());
        if (each.what().equals("sweep")) {
            Sweeping.plant(table.directory().resolve("data").resolve(WiredTable.ORPHAN));
        }
        List<String> violations = new ArrayList<>();
        ActionResult result = run(each);

        table.look(each + ": ended as " + result, result, violations);
        assertThat(violations).isEmpty();
        assertThat(result.reason()).as(result.detail()).isIn(each.ends());

        table.runAgain();
        table.look(each + ": after the next run", null, violations);
        assertThat(violations).isEmpty();
        assertThat(table.openUploads()).isZero();
    }

    private static ActionResult run(Case each) {
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            Map<String, String> properties = S3Server.properties(wire.uri());
            properties.put("s3.retry.num-retries", "2");
            properties.put("s3.multipart.part-size-bytes", Integer.toString(5 << 20));
            properties.put("http-client.apache.socket-timeout-ms", "2000");
            try (TableSource source = table.open(properties)) {
                TableOperations ops = table.operations(source);
                AtomicInteger hit = new AtomicInteger();
                wire.plan(exchange -> each.requests().test(exchange) && hit.incrementAndGet() <= each.times()
                        ? each.fault()
                        : WireFault.NONE);
                ActionResult result = switch (each.what()) {
                    case "compact" -> Compacting.small().execute(ops);
                    case "expire" -> Expiry.keeping(2).execute(ops);
                    default -> Sweeping.all().execute(ops);
                };
                wire.plan(exchange -> WireFault.NONE);
                assertThat(hit).as("requests that the wire was to hit").hasPositiveValue();
                return result;
            }
        }
    }
}
