package flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.RestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lib.Before;
import lib.HostileCatalog;
import lib.HostileCatalog.Kind;
import lib.Lake;
import lib.Report;
import lib.Running;
import lib.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A catalog that answers without an end, beside a sound one: a deadline and a signal end the run with its report. All
 * kinds with {@code -Dsink.hostile=all}; {@code timeout sink} so often as {@code -Dsink.timeouts} says; after as many
 * seconds as {@code -Dsink.deadline} says, more than it takes on an idle machine unless asked.
 */
class EndsWhateverHangs {
    private static final boolean ALL = System.getProperty("sink.hostile", "").equals("all");
    private static final int TIMEOUTS = Integer.getInteger("sink.timeouts", 5);
    private static final int DEADLINE = Integer.getInteger("sink.deadline", 15);
    private static final Duration IN_TIME = Duration.ofSeconds(DEADLINE + 10);

    @TempDir
    Path directory;

    private Lake sound;
    private Lake spoilt;
    private RestServer server;
    private Before before;

    @BeforeEach
    void make_two_lakes() throws IOException {
        sound = Lake.make(Files.createDirectory(directory.resolve("sound")));
        sound.create("t0", 2, Map.of()).append(1, 2).replace(3).append(4);
        before = sound.before("t0");
        spoilt = Lake.make(Files.createDirectory(directory.resolve("spoilt")));
        spoilt.create("t0", 2, Map.of()).append(1, 2).replace(3).append(4);
        server = RestServer.start(spoilt.catalog());
    }

    @AfterEach
    void close() {
        server.close();
        spoilt.close();
        sound.close();
    }

    static Stream<Kind> late() {
        return ALL
                ? Arrays.stream(Kind.values())
                : Stream.of(Kind.ENDLESS_TABLES, Kind.DRIP_COMMIT, Kind.RETRY_IN_A_DAY);
    }

    @ParameterizedTest
    @MethodSource("late")
    void a_deadline_ends_the_run_and_the_second_catalog_is_done(Kind kind) throws IOException, InterruptedException {
        try (HostileCatalog hostile = HostileCatalog.start(kind, server.uri())) {
            long start = System.nanoTime();

            Report report = sink(hostile).maintain("--deadline", DEADLINE + "s", "--parallel", "2");

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("%s", report)
                    .isLessThan(IN_TIME);
            assertThat(report.action("lake.web.t0").reason()).as("%s", report).isEqualTo("expired");
            before.assertRowsKept();
            String reason = report.reasons().get(spoiltName(kind));
            assertThat(reason)
                    .as("%s", report)
                    .isEqualTo(
                            switch (kind) {
                                case DRIP_LOAD -> "deadline-reached";
                                case DRIP_COMMIT -> "commit-state-unknown";
                                default -> "catalog-unreachable";
                            });
            assertThat(report.exit())
                    .isEqualTo(
                            switch (kind) {
                                case DRIP_LOAD -> 0;
                                case DRIP_COMMIT -> 23;
                                default -> 20;
                            });
            assertThat(report.action(spoiltName(kind)).detail())
                    .doesNotContain("\n")
                    .hasSizeLessThan(1_300);
        }
    }

    private static String spoiltName(Kind kind) {
        return kind == Kind.DRIP_LOAD || kind == Kind.DRIP_COMMIT ? "hostile.web.t0" : "hostile";
    }

    static Stream<Kind> hanging() {
        return ALL
                ? Stream.of(
                        Kind.ENDLESS_NAMESPACES,
                        Kind.ENDLESS_TABLES,
                        Kind.DRIP_CONFIG,
                        Kind.DRIP_LISTING,
                        Kind.DRIP_LOAD,
                        Kind.DRIP_COMMIT,
                        Kind.RETRY_IN_A_DAY)
                : Stream.of(Kind.DRIP_LISTING, Kind.DRIP_COMMIT);
    }

    @ParameterizedTest
    @MethodSource("hanging")
    void one_signal_ends_the_run(Kind kind) throws IOException, InterruptedException {
        try (HostileCatalog hostile = HostileCatalog.start(kind, server.uri())) {
            Running running = sink(hostile).start("maintain", "--report", "json", "--parallel", "2");
            hostile.awaitVictim();
            long start = System.nanoTime();

            running.signal("TERM");
            Report report = running.ended(IN_TIME).report();

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("%s", report)
                    .isLessThan(IN_TIME);
            assertThat(report.exit()).as("%s", report).isEqualTo(kind == Kind.DRIP_COMMIT ? 23 : 143);
            assertThat(report.json().path("interrupted_by").asText()).isEqualTo("SIGTERM");
            before.assertRowsKept();
            if (kind == Kind.DRIP_COMMIT) {
                assertThat(report.reasons()).containsEntry("hostile.web.t0", "commit-state-unknown");
            } else if (kind != Kind.DRIP_LOAD) {
                assertThat(report.reasons()).containsEntry("hostile", "interrupted");
            }
        }
    }

    @Test
    void timeout_gets_a_report_each_time() throws IOException, InterruptedException {
        try (HostileCatalog hostile = HostileCatalog.start(Kind.DRIP_LISTING, server.uri())) {
            Sink sink = sink(hostile);
            for (int run = 0; run < TIMEOUTS; run++) {
                ProcessBuilder prepared = sink.prepared("maintain", "--report", "json");
                List<String> command =
                        new ArrayList<>(List.of("timeout", "--preserve-status", Integer.toString(DEADLINE)));
                command.addAll(prepared.command());
                Path out = directory.resolve("report-" + run + ".json");
                Path err = directory.resolve("stderr-" + run);

                int exit = prepared.command(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start()
                        .waitFor();

                Report report = new Sink.Ended(exit, Files.readString(out), Files.readString(err)).report();
                assertThat(report.exit()).isEqualTo(143);
                assertThat(report.reasons()).containsEntry("hostile", "interrupted");
            }
        }
    }

    private Sink sink(HostileCatalog hostile) throws IOException {
        return Sink.in(Files.createDirectories(directory.resolve("run")))
                .configured("""
                version: 1
                catalogs:
                  hostile: { type: rest, uri: "%s" }
                  lake: { type: jdbc, uri: "jdbc:sqlite:%s", warehouse: "%s" }
                maintenance:
                  expire: { older-than: 0s, retain-last: 1 }
                run:
                  commit-timeout: 3s
                """.formatted(hostile.uri(), sound.directory().resolve("catalog.db"), sound.directory()));
    }
}
