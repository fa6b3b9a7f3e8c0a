package lib;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Outcome;
import io.sink.testing.DiesAtCall;
import io.sink.testing.JavaProcess;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lib.TwoTables.Findings;

/**
 * Kills runs on {@link TwoTables}, at any moment and after each call to storage or catalog, and has the next run finish
 * what they left.
 *
 * <p>System properties: {@code sink.kills}, kills at random moments; {@code sink.calls.every}, one of how many calls is
 * the last.
 */
public final class Kills {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final TwoTables tables;
    private final Seeds seeds;

    public Kills(TwoTables tables, Seeds seeds) {
        this.tables = tables;
        this.seeds = seeds;
    }

    /** How many kills are asked for, or as many as are standard. */
    public static int wanted(int standard) {
        return Integer.getInteger("sink.kills", standard);
    }

    /** One of how many calls is to be the last, or of as many as are standard. */
    public static int every(int standard) {
        return Integer.getInteger("sink.calls.every", standard);
    }

    /**
     * Kills runs of {@code maintain} until that many kills struck, and asserts that the next run left everything as it
     * has to be.
     *
     * @param also looks, after the next run and with a word for when that was, at what else has to be so
     * @param options of {@code maintain}
     */
    public void atAnyMoment(Sink sink, int kills, Consumer<String> also, String... options) throws Exception {
        seeds.once("sink.kills", random -> atAnyMoment(random, sink, kills, also, options));
    }

    private void atAnyMoment(Random random, Sink sink, int kills, Consumer<String> also, String... options)
            throws IOException, InterruptedException {
        String[] line = Stream.concat(Stream.of("maintain"), Stream.of(options)).toArray(String[]::new);
        long usual = Long.MAX_VALUE;
        long writing = Long.MAX_VALUE;
        for (int run = 0; run < 2; run++) {
            long start = System.nanoTime();
            Running running = sink.start(line);
            awaitFirstFile(running);
            long begun = System.nanoTime();
            assertThat(running.ended().exit()).isZero();
            usual = Math.min(usual, System.nanoTime() - start);
            writing = Math.min(writing, System.nanoTime() - begun);
            tables.restore();
        }
        Findings findings = new Findings();
        Map<String, Integer> moments = new TreeMap<>();

        int kill = 1;
        for (int run = 0; kill <= kills && run < 3 * kills; run++) {
            // Most of a run's time is the start of its JVM and its plan, where there is nothing to see.
            boolean fromStart = kill % 4 == 0;
            long after = (long) (random.nextDouble() * (fromStart ? usual : writing));
            long start = System.nanoTime();
            Running running = sink.start(line);
            if (!fromStart) {
                awaitFirstFile(running);
            }
            long begun = System.nanoTime();
            CompletableFuture.delayedExecutor(after, TimeUnit.NANOSECONDS).execute(running::kill);
            boolean killed = running.ended().exit() != 0;
            if (!killed) {
                // Faster than the ones that were timed, so that too many kills would come too late.
                usual = Math.min(usual, System.nanoTime() - start);
                writing = fromStart ? writing : Math.min(writing, System.nanoTime() - begun);
            }
            String when = "kill %d, %d ms after its %s"
                    .formatted(kill, after / 1_000_000, fromStart ? "start" : "first file");
            moments.merge(killed ? moment() : "ended before, not counted", 1, Integer::sum);

            Report next = sink.maintain(options);

            assertThat(next.exit()).as("%s: %s", when, next).isZero();
            for (JsonNode table : next.json().path("tables")) {
                for (JsonNode action : table.path("actions")) {
                    assertThat(action.path("outcome").asText()).as(when + table).isIn("done", "skipped");
                }
            }
            tables.look(when, findings);
            also.accept(when);
            tables.restore();
            kill += killed ? 1 : 0;
        }

        System.out.printf(
                "maintain %s: %d kills in runs of %d ms: %s; violations %d%n",
                options[0], kill - 1, usual / 1_000_000, moments, findings.violations.size());
        assertThat(findings.violations).isEmpty();
        assertThat(kill).isGreaterThan(kills);
    }

    private void awaitFirstFile(Running running) {
        while (running.process().isAlive() && !added()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private boolean added() {
        try {
            return !tables.added().isEmpty();
        } catch (UncheckedIOException wentWhileItWasLookedAt) {
            return true;
        }
    }

    private String moment() {
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

    /**
     * Has one process after another die right after one of its calls, and asserts that the next run left everything as
     * it has to be.
     *
     * @param every one of how many calls is the last of a process
     * @param also looks, after the next run and with a word for when that was, at what else has to be so
     * @param type, table, what as {@link DiesAtCall} takes them
     */
    public void afterCalls(int every, Consumer<String> also, String type, String table, String what) throws Exception {
        seeds.once("sink.calls.every", random -> afterCalls(random, every, also, type, table, what));
    }

    private void afterCalls(Random random, int every, Consumer<String> also, String type, String table, String what)
            throws IOException, InterruptedException {
        Findings findings = new Findings();
        int deaths = 0;

        for (int call = 1 + random.nextInt(every); ; call += every) {
            Process process = JavaProcess.of(
                            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"),
                            DiesAtCall.class.getName(),
                            List.of(type, tables.warehouse(type).toString(), table, what, Integer.toString(call)))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
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
            also.accept(when);
            tables.restore();
        }

        System.out.printf(
                "%s %s: %d deaths, each after another call, violations %d%n",
                type, what, deaths, findings.violations.size());
        assertThat(deaths).isPositive();
        assertThat(findings.violations).isEmpty();
    }
}
