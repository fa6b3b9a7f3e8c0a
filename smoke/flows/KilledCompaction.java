package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.testing.DiesAtCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lib.Report;
import lib.Running;
import lib.Sink;
import lib.TwoTables;
import lib.TwoTables.Findings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A run is killed, at any moment and after each call to storage; the next one finds the table whole and leaves it clean.
 *
 * <p>System properties: {@code sink.kills}, kills at random moments (6); {@code sink.calls.every}, one of how many calls is
 * the last (40); {@code sink.seed}. {@code smoke/README.md} has the full sizes and what came of them.
 */
class KilledCompaction {
    private static final int KILLS = Integer.getInteger("sink.kills", 6);
    private static final int EVERY = Integer.getInteger("sink.calls.every", 40);
    private static final long SEED = Long.getLong("sink.seed", System.nanoTime() & 0xffffffL);
    private static final Duration WARM = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    @Test
    void a_compaction_killed_at_any_moment_is_finished_by_the_next_run() throws IOException, InterruptedException {
        int kills = KILLS * 2 / 3;
        killed(kills, "--compact", "--min-data-files", "5", "--target-file-size-bytes", "16KiB", "--verify", "full");
    }

    @Test
    void an_expiry_killed_at_any_moment_is_finished_by_the_next_run() throws IOException, InterruptedException {
        killed(KILLS - KILLS * 2 / 3, "--older-than", "0s", "--retain-last", "2");
    }

    private void killed(int kills, String... options) throws IOException, InterruptedException {
        TwoTables tables = TwoTables.make(directory, 24, 500);
        Sink sink = Sink.in(directory).configured(TwoTables.CONFIGURATION);
        List<String> command = new ArrayList<>(List.of("maintain"));
        command.addAll(List.of(options));
        String[] line = command.toArray(String[]::new);
        long usual = Long.MAX_VALUE;
        long writing = Long.MAX_VALUE;
        for (int run = 0; run < 2; run++) {
            long start = System.nanoTime();
            Running running = sink.start(line);
            awaitFirstFile(running, tables);
            long begun = System.nanoTime();
            assertThat(running.ended().exit()).isZero();
            usual = Math.min(usual, System.nanoTime() - start);
            writing = Math.min(writing, System.nanoTime() - begun);
            tables.restore();
        }
        Random random = new Random(SEED);
        Findings findings = new Findings();
        Map<String, Integer> moments = new TreeMap<>();

        int kill = 1;
        for (int run = 0; kill <= kills && run < 3 * kills; run++) {
            // Most of a run's time is the start of its JVM and its plan, where there is nothing to see.
            boolean fromStart = kill % 4 == 1;
            long after = (long) (random.nextDouble() * (fromStart ? usual : writing));
            long start = System.nanoTime();
            Running running = sink.start(line);
            if (!fromStart) {
                awaitFirstFile(running, tables);
            }
            long begun = System.nanoTime();
            CompletableFuture.delayedExecutor(after, TimeUnit.NANOSECONDS).execute(running::kill);
            boolean killed = running.ended().exit() != 0;
            if (!killed) {
                // Faster than the ones that were timed, so that too many kills would come too late.
                usual = Math.min(usual, System.nanoTime() - start);
                writing = fromStart ? writing : Math.min(writing, System.nanoTime() - begun);
            }
            String when = "kill %d, %d ms after its %s, seed %d"
                    .formatted(kill, after / 1_000_000, fromStart ? "start" : "first file", SEED);
            moments.merge(killed ? moment(tables) : "ended before, not counted", 1, Integer::sum);

            Report next = sink.maintain(options);

            assertThat(next.exit()).as("%s: %s", when, next).isZero();
            for (JsonNode table : next.json().path("tables")) {
                for (JsonNode action : table.path("actions")) {
                    assertThat(action.path("outcome").asText()).as(when + table).isIn("done", "skipped");
                }
            }
            tables.look(when, findings);
            if (options[0].equals("--compact")) {
                assertThat(tables.compacted()).as(when).isTrue();
            }
            tables.restore();
            kill += killed ? 1 : 0;
        }

        System.out.printf(
                "maintain %s: %d kills in runs of %d ms, seed %d: %s; violations %d%n",
                options[0], kill - 1, usual / 1_000_000, SEED, moments, findings.violations.size());
        assertThat(findings.violations).isEmpty();
        assertThat(kill).isGreaterThan(kills);
    }

    private static void awaitFirstFile(Running running, TwoTables tables) {
        while (running.process().isAlive() && !added(tables)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private static boolean added(TwoTables tables) {
        try {
            return !tables.added().isEmpty();
        } catch (UncheckedIOException wentWhileItWasLookedAt) {
            return true;
        }
    }

    private static String moment(TwoTables tables) {
        List<String> added = tables.added().stream()
                .map(file -> String.valueOf(file.getFileName()))
                .toList();
        if (added.stream().anyMatch(name -> name.startsWith("sink-"))) {
            return "with a journal";
        }
        if (added.stream().anyMatch(name -> name.startsWith(".sink-"))) {
            return "inside a metadata commit";
        }
        return added.isEmpty() && tables.gone().isEmpty() ? "nothing written" : "between tables or after a commit";
    }

    @ParameterizedTest
    @CsvSource({"path, t, compact", "jdbc, web/t, compact", "path, t, expire", "jdbc, web/t, expire"})
    void a_run_that_dies_after_any_call_is_finished_by_the_next(String type, String table, String what)
            throws IOException, InterruptedException {
        TwoTables tables = TwoTables.make(directory, 4, 3);
        Findings findings = new Findings();
        Random random = new Random(SEED);
        int deaths = 0;
        int every = what.equals("expire") ? Math.max(1, EVERY / 2) : EVERY;

        for (int call = 1 + random.nextInt(every); ; call += every) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-Xshare:auto",
                            "-cp",
                            System.getProperty("java.class.path"),
                            DiesAtCall.class.getName(),
                            type,
                            tables.warehouse(type).toString(),
                            table,
                            what,
                            Integer.toString(call))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(WARM.toSeconds(), TimeUnit.SECONDS)).isTrue();
            if (process.exitValue() == 0) {
                break;
            }
            assertThat(process.exitValue()).as(said).isEqualTo(DiesAtCall.DEAD);
            deaths++;
            String when = "%s %s, dead after call %d".formatted(type, what, call);

            List<ActionResult> next = DiesAtCall.maintain(type, tables.warehouse(type), table, what);

            assertThat(next)
                    .as(when)
                    .allMatch(result -> result.outcome() == Outcome.DONE || result.outcome() == Outcome.SKIPPED);
            tables.look(when, findings);
            tables.restore();
        }

        System.out.printf(
                "%s %s: %d deaths, each after another call, violations %d%n",
                type, what, deaths, findings.violations.size());
        assertThat(deaths).isPositive();
        assertThat(findings.violations).isEmpty();
    }
}
