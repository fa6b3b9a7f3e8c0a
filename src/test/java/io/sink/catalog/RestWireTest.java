package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.testing.Compacting;
import io.sink.testing.Exchange;
import io.sink.testing.Expiry;
import io.sink.testing.FaultyWire;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.RestServer;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Seeds;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a wire does to the requests of an expiry and a compaction, drawn by lot: rows stay, no needed file goes, what
 * was staged goes, and what is said is so. {@code -Dsink.wire=N} draws N schedules.
 */
@ExtendWith(Seeds.Given.class)
class RestWireTest {

    @TempDir
    Path directory;

    private JdbcCatalog backend;
    private RestServer server;
    private FaultyWire wire;

    @BeforeEach
    void serve() {
        backend = SqliteCatalog.make("lake", directory);
        backend.createNamespace(Namespace.of("db"));
        server = RestServer.start(backend);
        wire = FaultyWire.to(URI.create(server.uri()).getPort());
    }

    @AfterEach
    void close() {
        wire.close();
        server.close();
        backend.close();
    }

    @Test
    void no_schedule_of_faults_costs_a_row_or_a_file_or_the_truth(Seeds seeds) throws Exception {
        Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
        seeds.each("sink.wire", 8, lots -> {
            Schedule schedule = Schedule.draw(lots);
            for (ActionResult result : run("t" + lots.seed(), schedule, schedule.toString())) {
                reasons.merge(result.reason(), 1, Integer::sum);
            }
        });
        System.out.println("RestWireTest: the schedules came to " + reasons);
    }

    /** What happens to the n-th commit, counted with those that are sent again, and to a reading after it. */
    private record Schedule(List<WireFault> commits, WireFault reading) {
        static Schedule draw(Random lots) {
            List<WireFault> commits = new ArrayList<>();
            for (int commit = 0; commit < 1 + lots.nextInt(3); commit++) {
                commits.add(fault(lots));
            }
            return new Schedule(
                    commits, lots.nextInt(4) == 0 ? WireFault.cutAnswer(lots.nextInt(2000)) : WireFault.NONE);
        }

        private static WireFault fault(Random lots) {
            return switch (lots.nextInt(9)) {
                case 0 -> WireFault.cutRequest(lots.nextInt(3000));
                case 1 -> WireFault.cutAnswer(lots.nextInt(3000));
                case 2 -> WireFault.slowAnswer(Duration.ofMillis(1500 + lots.nextInt(1000)));
                case 3 -> error(true, 503, Map.of("Retry-After", "1"));
                case 4 -> error(false, 503, Map.of("Retry-After", "1"));
                case 5 -> error(true, 409, Map.of());
                case 6 -> error(lots.nextBoolean(), 401, Map.of());
                case 7 -> error(lots.nextBoolean(), 500, Map.of());
                default -> WireFault.repeated();
            };
        }

        private static WireFault error(boolean after, int status, Map<String, String> headers) {
            Map<String, String> all = new HashMap<>(headers);
            all.put("Content-Type", "application/json");
            String body = "{\"error\":{\"message\":\"wire\",\"type\":\"Wire\",\"code\":%d}}".formatted(status);
            return after ? WireFault.replaced(status, all, body) : WireFault.refused(status, all, body);
        }

        Function<Exchange, WireFault> plan() {
            List<WireFault> left = new ArrayList<>(commits);
            return exchange -> {
                synchronized (left) {
                    boolean commit = exchange.method().equals("POST");
                    boolean begun = left.size() < commits.size();
                    if (commit && !left.isEmpty()) {
                        return left.remove(0);
                    }
                    return begun && !commit ? reading : WireFault.NONE;
                }
            };
        }
    }

    private List<ActionResult> run(String name, Schedule schedule, String what) throws IOException {
        TableIdentifier id = TableIdentifier.of("db", name);
        make(id);
        Map<Long, List<String>> rows = rows(id);
        List<String> now = reader(id).rows();
        List<ActionResult> results = new ArrayList<>();

        wire.plan(schedule.plan());
        results.add(act(name, 1_000, ops -> Expiry.keeping(2).execute(ops)));
        assertKept(id, rows, now, what);
        assertExpiryIsTrue(id, rows.size(), results.get(0), what);
        results.add(act(name, 1_000, ops -> Compacting.small().execute(ops)));
        assertKept(id, rows, now, what);
        assertTrue(id, results.get(1), what);

        wire.plan(exchange -> WireFault.NONE);
        Instant later = Instant.now().plus(Duration.ofHours(25));
        for (Act finishing : List.<Act>of(
                ops -> Expiry.keeping(2).at(later).execute(ops),
                ops -> Compacting.settling().at(later).execute(ops))) {
            ActionResult finished = act(name, 30_000, finishing);
            assertThat(finished.outcome()).as(what + " " + finished).isNotEqualTo(Outcome.FAILED);
        }
        assertKept(id, rows, now, what);
        TreeSet<Path> superfluous =
                SavedTree.files(SecondReader.local(backend.loadTable(id).location()));
        superfluous.removeAll(reader(id).reachable());
        superfluous.removeIf(file -> file.toString().endsWith(".metadata.json"));
        assertThat(superfluous).as(what + " " + results).isEmpty();
        return results;
    }

    private interface Act {
        ActionResult on(TableOperations ops);
    }

    private ActionResult act(String name, int patienceMillis, Act act) {
        Map<String, String> properties = Map.of(
                "uri",
                wire.uri(),
                "rest.client.max-retries",
                "1",
                "rest.client.socket-timeout-ms",
                String.valueOf(patienceMillis));
        TableOperations ops;
        try (TableSource source = OpenCatalogs.open("lake", "rest", properties, directory)) {
            try {
                ops = source.load(new TableRef("lake", List.of("db"), name)).operations();
            } catch (RuntimeException e) {
                return ActionResult.of(Failures.loadReason(e), Failures.message(e));
            }
            return act.on(ops);
        } catch (CatalogUnreachableException e) {
            return ActionResult.of(Failures.reason(e, Reason.CATALOG_UNREACHABLE), Failures.message(e));
        }
    }

    private void make(TableIdentifier id) throws IOException {
        Table table = backend.createTable(id, PathTable.SCHEMA);
        for (long row = 0; row < 4; row++) {
            Record record = GenericRecord.create(PathTable.SCHEMA);
            record.setField("id", row);
            new TableChanges(table).append(List.of(record));
        }
    }

    private SecondReader reader(TableIdentifier id) {
        String metadata =
                ((BaseTable) backend.loadTable(id)).operations().current().metadataFileLocation();
        return SecondReader.of(SecondReader.local(metadata), SecondReader::local);
    }

    private Map<Long, List<String>> rows(TableIdentifier id) {
        Map<Long, List<String>> rows = new HashMap<>();
        SecondReader reader = reader(id);
        reader.snapshots().forEach(snapshot -> rows.put(snapshot.id(), reader.rows(snapshot.id())));
        return rows;
    }

    private void assertKept(TableIdentifier id, Map<Long, List<String>> rows, List<String> now, String what) {
        SecondReader reader = reader(id);
        assertThat(reader.reachable()).as(what).allMatch(Files::exists);
        assertThat(reader.rows()).as(what).isEqualTo(now);
        reader.snapshots()
                .forEach(snapshot -> assertThat(reader.rows(snapshot.id()))
                        .as(what)
                        .isEqualTo(rows.getOrDefault(snapshot.id(), now)));
    }

    /** What was expired is gone and is said to be, unless nobody knows; what did not fail left nothing in between. */
    private void assertExpiryIsTrue(TableIdentifier id, int before, ActionResult expiry, String what) {
        int gone = before - reader(id).snapshots().size();
        if (expiry.reason() != Reason.COMMIT_STATE_UNKNOWN) {
            assertThat(expiry.effect().get(Counter.SNAPSHOTS_EXPIRED))
                    .as(what + " " + expiry)
                    .isEqualTo(gone);
        }
        if (expiry.reason() == Reason.EXPIRED) {
            assertThat(gone).as(what + " " + expiry).isPositive();
            assertThat(expiry.files().deleted()).as(what).isNotEmpty().noneMatch(file -> Files.exists(Path.of(file)));
        } else if (expiry.reason() != Reason.CLEANUP_INCOMPLETE) {
            assertThat(expiry.files().deleted()).as(what + " " + expiry).isEmpty();
        }
    }

    /** Done is in the table; what is not in the table is not said to be done. */
    private void assertTrue(TableIdentifier id, ActionResult compaction, String what) {
        boolean there = reader(id).rows().isEmpty()
                || backend.loadTable(id).currentSnapshot().summary().containsKey("sink.run-id");
        if (compaction.reason() == Reason.COMPACTED) {
            assertThat(there).as(what + " " + compaction).isTrue();
        } else if (compaction.reason() != Reason.COMMIT_STATE_UNKNOWN) {
            assertThat(there).as(what + " " + compaction).isFalse();
        }
        if (compaction.outcome() == Outcome.DEFERRED) {
            assertThat(compaction.files().left()).as(what).isEmpty();
        }
    }
}
