package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.RestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import lib.HostileCatalog;
import lib.HostileCatalog.Kind;
import lib.Lake;
import lib.Running;
import lib.Sink;
import lib.Sink.Ended;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that only look end at a signal, and when a catalog has taken its time, with a word and their status. */
class LooksEnd {
    /** Ten seconds, and what a busy machine needs to start a JVM. */
    private static final Duration IN_TIME = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private Lake lake;
    private RestServer server;

    @BeforeEach
    void make_lake() throws IOException {
        lake = Lake.make(directory);
        lake.create("t0", 2, Map.of()).append(1);
        server = RestServer.start(lake.catalog());
    }

    @AfterEach
    void close() {
        server.close();
        lake.close();
    }

    @ParameterizedTest
    @CsvSource({
        "tables, DRIP_LISTING, TERM, 143",
        "tables, DRIP_CONFIG, INT, 130",
        "check --connect, DRIP_LISTING, TERM, 143",
        "check --connect, DRIP_LOAD, INT, 130",
        "snapshots hostile.web.t0, DRIP_LOAD, TERM, 143",
        "snapshots hostile.web.t0, DRIP_CONFIG, INT, 130"
    })
    void a_signal_ends_them(String command, Kind kind, String signal, int status)
            throws IOException, InterruptedException {
        try (HostileCatalog hostile = HostileCatalog.start(kind, server.uri())) {
            Running running = sink(hostile, "15m").start(command.split(" "));
            hostile.awaitVictim();
            long start = System.nanoTime();

            running.signal(signal);
            Ended ended = running.ended(IN_TIME.multipliedBy(2));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(IN_TIME);
            assertThat(ended.exit()).as("%s", ended).isEqualTo(status);
            assertThat(ended.stderr()).contains("stopped by SIG" + signal + " before the end of the ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tables, DRIP_LISTING, 20",
        "tables hostile, DRIP_CONFIG, 22",
        "check --connect, DRIP_LISTING, 20",
        "snapshots hostile.web.t0, DRIP_LOAD, 22"
    })
    void a_catalog_that_hangs_ends_them_by_its_time(String command, Kind kind, int status)
            throws IOException, InterruptedException {
        try (HostileCatalog hostile = HostileCatalog.start(kind, server.uri())) {
            Ended ended = sink(hostile, "3s").start(command.split(" ")).ended(Duration.ofMinutes(2));

            assertThat(ended.exit()).as("%s", ended).isEqualTo(status);
            assertThat(ended.stderr() + ended.stdout())
                    .contains("did not end within 3.0s (catalog-timeout)")
                    .contains("hostile");
            if (command.equals("tables")) {
                assertThat(ended.stdout()).contains("lake.web.t0");
            }
        }
    }

    private Sink sink(HostileCatalog hostile, String timeout) throws IOException {
        return Sink.in(Files.createDirectories(directory.resolve("run"))).configured("""
                version: 1
                catalogs:
                  hostile: { type: rest, uri: "%s", request-timeout-ms: 8000 }
                  lake: { type: jdbc, uri: "jdbc:sqlite:%s", warehouse: "%s" }
                run:
                  catalog-timeout: %s
                """.formatted(
                        hostile.uri(), lake.directory().resolve("catalog.db"), lake.directory(), timeout));
    }
}
