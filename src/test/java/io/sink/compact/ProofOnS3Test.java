package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.rewrite.ProofLevel;
import io.sink.testing.Compacting;
import io.sink.testing.Exchange;
import io.sink.testing.FaultyWire;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.TableChanges;
import io.sink.testing.WireFault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a compaction fetches from an object store to compare it, and what it says of that. */
class ProofOnS3Test {
    private static final int ROWS = 20_000;

    @TempDir
    private static Path folder;

    private static S3Server server;
    private static int warehouses;

    /** The first bytes of the first column chunk of each written file that was fetched. */
    private final List<String> fetched = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_file_whose_checksum_the_store_has_is_not_fetched() throws IOException {
        compact("1 MD5", exchange -> false);

        assertThat(fetched).isEmpty();
    }

    @Test
    void a_file_whose_checksum_the_store_does_not_tell_is_fetched() throws IOException {
        compact("1 read", exchange -> exchange.header("x-amz-checksum-mode").equals("ENABLED"));

        assertThat(fetched).hasSize(1);
    }

    private interface Refused {
        boolean is(Exchange head);
    }

    private void compact(String stored, Refused refused) throws IOException {
        String name = "t";
        try (FaultyWire wire = FaultyWire.to(server.port())) {
            PathWarehouse warehouse = PathWarehouse.onS3(server, "s3://lake/proof" + ++warehouses)
                    .with(Map.of("s3.endpoint", wire.uri()));
            warehouse.create(name, 2, Map.of());
            try (TableSource source = warehouse.open()) {
                BaseTable table = PathWarehouse.load(source, name);
                Set<String> old = ConcurrentHashMap.newKeySet();
                for (int file = 0; file < 2; file++) {
                    for (DataFile written : new TableChanges(table).append(rows(file))) {
                        old.add(written.location());
                    }
                }
                wire.plan(exchange -> {
                    if (exchange.method().equals("HEAD") && refused.is(exchange)) {
                        return WireFault.refused(403, Map.of(), "");
                    }
                    if (exchange.method().equals("GET")
                            && exchange.path().endsWith(".parquet")
                            && old.stream()
                                    .noneMatch(file ->
                                            file.endsWith(exchange.path().replace("/lake", "")))
                            && exchange.header("range").startsWith("bytes=4-")) {
                        fetched.add(exchange.path());
                    }
                    return WireFault.NONE;
                });

                ActionResult result =
                        Compacting.small().proving(ProofLevel.COLUMNS).execute(table.operations());

                assertThat(result.reason()).isEqualTo(Reason.COMPACTED);
                assertThat(result.detail()).contains("every value, files in storage: " + stored);
                assertThat(PathWarehouse.load(source, name).currentSnapshot().summary())
                        .containsEntry("sink.proof.stored", stored);
            }
            assertThat(warehouse.reader(name).rows()).hasSize(2 * ROWS);
        }
    }

    private static List<Record> rows(int file) {
        Random random = new Random(file);
        List<Record> rows = new ArrayList<>();
        for (long id = 0; id < ROWS; id++) {
            GenericRecord row = GenericRecord.create(PathTable.SCHEMA);
            row.setField("id", id);
            row.setField("name", Long.toString(random.nextLong()));
            rows.add(row);
        }
        return rows;
    }
}
