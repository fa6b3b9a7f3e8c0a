package io.sink.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import io.sink.text.Human;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A run's figures in Prometheus' text format, written once, at the end of the run.
 *
 * <p>All are gauges about the last run, except for the last successes, which outlive runs. What grows with the number
 * of tables is bounded: tables beyond the bound are in the sums by catalog and nowhere else. No label holds a run, a
 * snapshot or a path.
 *
 * @ref LLP 0017#names
 */
public final class RunMetrics implements RunListener {

    /** The counters that get a series, by its name; the others are only in the report. */
    private static final Map<String, List<Counter>> EFFECTS = effects();

    private final Writer out;
    private final String previous;
    private final boolean whole;
    private final int mostTables;
    private final Map<Kind, Integer> kinds = new LinkedHashMap<>();
    private final Map<Where, Effect> effects = new LinkedHashMap<>();
    private final List<Told> told = new ArrayList<>();
    private final Set<String> unread = new HashSet<>();
    private @Nullable RunHeader header;

    private record Where(String catalog, String action) {}

    private record Kind(Where where, Outcome outcome, Reason reason) {}

    /** What is said of one table: its gravest outcome, and its actions. */
    private record Told(String catalog, String table, Outcome outcome, boolean excluded, List<Done> actions) {}

    private record Done(ActionName action, Outcome outcome, Reason reason, boolean success, Duration took) {}

    /**
     * @param out where the text goes; flushed at the end, never closed
     * @param previous the text that an earlier run wrote there, or nothing
     * @param whole whether the run is to look at every table that there is, so that one that it does not report is gone
     * @param mostTables tables that get series of their own
     */
    public RunMetrics(Writer out, String previous, boolean whole, int mostTables) {
        this.out = out;
        this.previous = previous;
        this.whole = whole;
        this.mostTables = mostTables;
    }

    private static final Map<String, String> HELP = Map.of(
            "sink.run.expired.snapshots", "Snapshots that the last run expired.",
            "sink.run.rewritten.files", "Data files that the last run replaced.",
            "sink.run.written.files", "Data files that the last run wrote and committed.",
            "sink.run.left.files", "Files that the last run should have deleted and that are still there.",
            "sink.run.backlog.files", "Data files that the last run would have rewritten without its limits.",
            "sink.run.freed.bytes", "Bytes of the files that the last run deleted.",
            "sink.run.read.bytes", "Bytes of the files that the last run replaced.",
            "sink.run.written.bytes", "Bytes of the files that the last run wrote and committed.",
            "sink.run.backlog.bytes",
                    "Bytes of the data files that the last run would have rewritten without its limits.");

    private static Map<String, List<Counter>> effects() {
        Map<String, List<Counter>> names = new LinkedHashMap<>();
        names.put("sink.run.expired.snapshots", List.of(Counter.SNAPSHOTS_EXPIRED));
        names.put("sink.run.rewritten.files", List.of(Counter.DATA_FILES_REWRITTEN));
        names.put("sink.run.written.files", List.of(Counter.DATA_FILES_WRITTEN));
        names.put("sink.run.left.files", List.of(Counter.FILES_LEFT));
        names.put("sink.run.backlog.files", List.of(Counter.BACKLOG_FILES));
        names.put("sink.run.freed.bytes", List.of(Counter.BYTES_FREED));
        names.put("sink.run.read.bytes", List.of(Counter.BYTES_READ));
        names.put("sink.run.written.bytes", List.of(Counter.BYTES_WRITTEN));
        names.put("sink.run.backlog.bytes", List.of(Counter.BACKLOG_BYTES));
        return names;
    }

    @Override
    public void started(RunHeader header) {
        this.header = header;
    }

    @Override
    public void table(TableReport report) {
        String catalog = Human.plain(report.catalog());
        List<Done> actions = new ArrayList<>();
        boolean excluded = false;
        for (ActionReport action : report.actions()) {
            Where where = new Where(catalog, action.action().code());
            kinds.merge(new Kind(where, action.outcome(), action.reason()), 1, Integer::sum);
            effects.merge(where, action.result().effect(), Effect::plus);
            excluded |= action.reason() == Reason.EXCLUDED;
            actions.add(new Done(
                    action.action(), action.outcome(), action.reason(), Success.is(action), action.duration()));
        }
        if (report.table().equals(report.catalog())) {
            unread.add(catalog);
        }
        told.add(new Told(catalog, Human.plain(report.table()), report.outcome(), excluded, List.copyOf(actions)));
    }

    @Override
    public void ended(RunSummary summary) {
        if (header == null) {
            throw new IllegalStateException("a run ended that never began");
        }
        String command = Human.plain(header.command());
        LastSuccess before = LastSuccess.parse(previous, command);
        PrometheusRegistry series = new PrometheusRegistry();
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, series, Clock.SYSTEM);
        Tags ofAll = Tags.of("command", command);
        Gauges gauges = new Gauges(
                registry,
                header.shard() == null
                        ? ofAll
                        : ofAll.and("shard", header.shard().toString()));
        run(gauges, header, summary, before);
        sums(gauges);
        tables(gauges, summary, before);
        write(series);
        registry.close();
    }

    private static void run(Gauges gauges, RunHeader header, RunSummary summary, LastSuccess before) {
        double ended = seconds(summary.endedAt());
        gauges.set("sink.run.version", "The version that ran; always 1.", 1, "version", header.version());
        gauges.set("sink.run.ended.timestamp.seconds", "When the last run ended.", ended);
        gauges.set(
                "sink.run.duration.seconds",
                "How long the last run took.",
                seconds(Duration.between(header.startedAt(), summary.endedAt())));
        gauges.set("sink.run.exit.code", "The status that the last run ended with.", summary.exitCode());
        Double success =
                summary.exitCode() == 0 ? Double.valueOf(ended) : before.run().get(Human.plain(header.command()));
        if (success != null) {
            gauges.set("sink.run.last.success.timestamp.seconds", "When a run last ended with status 0.", success);
        }
        summary.tables()
                .forEach((outcome, tables) -> gauges.set(
                        "sink.run.tables",
                        "Tables of the last run by the outcome that stands for each.",
                        tables,
                        "outcome",
                        outcome.code()));
    }

    private void sums(Gauges gauges) {
        kinds.forEach((kind, count) -> gauges.set(
                "sink.run.actions",
                "Actions of the last run by what came of them.",
                count,
                "catalog",
                kind.where().catalog(),
                "action",
                kind.where().action(),
                "outcome",
                kind.outcome().code(),
                "reason",
                kind.reason().code()));
        effects.forEach((where, effect) -> {
            EFFECTS.forEach((name, counters) -> gauges.set(
                    name,
                    HELP.getOrDefault(name, ""),
                    counters.stream().mapToLong(effect::get).sum(),
                    "catalog",
                    where.catalog(),
                    "action",
                    where.action()));
            gauges.set(
                    "sink.run.deleted.files",
                    "Files that the last run deleted and saw to be gone.",
                    effect.filesDeleted(),
                    "catalog",
                    where.catalog(),
                    "action",
                    where.action());
        });
    }

    private void tables(Gauges gauges, RunSummary summary, LastSuccess before) {
        double ended = seconds(summary.endedAt());
        Map<String, Map<String, Double>> successes = new LinkedHashMap<>();
        Set<String> carried = new HashSet<>();
        before.tables().forEach((key, at) -> {
            carried.add(key.table());
            successes.computeIfAbsent(key.table(), any -> new LinkedHashMap<>()).put(key.action(), at);
        });
        // Failures first, then tables that have a last success to lose, so that the same tables keep their series.
        List<Told> shown = told.stream()
                .filter(table -> !table.excluded())
                .sorted(Comparator.<Told>comparingInt(table -> rank(table, carried))
                        .thenComparing(Told::table))
                .limit(mostTables)
                .toList();
        for (Told table : shown) {
            Map<String, Double> last = successes.computeIfAbsent(table.table(), any -> new LinkedHashMap<>());
            for (Done done : table.actions()) {
                if (done.success()) {
                    last.put(done.action().code(), ended);
                }
                series(gauges, table, done);
            }
            last.forEach((action, at) -> success(gauges, table.catalog(), table.table(), action, at));
        }
        unreported(summary, before).entrySet().stream()
                .limit(Math.max(0, mostTables - shown.size()))
                .forEach(entry -> success(
                        gauges,
                        entry.getKey().catalog(),
                        entry.getKey().table(),
                        entry.getKey().action(),
                        entry.getValue()));
        long listed = told.stream().filter(table -> !table.excluded()).count();
        gauges.set(
                "sink.run.unlisted.tables",
                "Tables of the last run without series of their own, since there are more than --metrics-tables.",
                listed - shown.size());
    }

    /** Last successes of tables that this run did not report and that may still be there. */
    private Map<LastSuccess.Key, Double> unreported(RunSummary summary, LastSuccess before) {
        Set<String> reported = new HashSet<>();
        told.forEach(table -> reported.add(table.table()));
        Map<LastSuccess.Key, Double> kept = new LinkedHashMap<>();
        before.tables().forEach((key, at) -> {
            boolean gone = whole && summary.interruptedBy() == null && !unread.contains(key.catalog());
            if (!reported.contains(key.table()) && !gone) {
                kept.put(key, at);
            }
        });
        return kept;
    }

    private static int rank(Told table, Set<String> carried) {
        if (table.outcome() == Outcome.FAILED) {
            return 0;
        }
        if (table.outcome() == Outcome.DEFERRED) {
            return 1;
        }
        return carried.contains(table.table()) ? 2 : 3;
    }

    private static void series(Gauges gauges, Told table, Done done) {
        gauges.set(
                "sink.table.outcome",
                "What came of the last action on a table; always 1.",
                1,
                "catalog",
                table.catalog(),
                "table",
                table.table(),
                "action",
                done.action().code(),
                "outcome",
                done.outcome().code(),
                "reason",
                done.reason().code());
        gauges.set(
                "sink.table.duration.seconds",
                "How long the last action on a table took.",
                seconds(done.took()),
                "catalog",
                table.catalog(),
                "table",
                table.table(),
                "action",
                done.action().code());
    }

    private static void success(Gauges gauges, String catalog, String table, String action, double at) {
        gauges.set(
                "sink.table.last.success.timestamp.seconds",
                "When what was due on a table was last done, or nothing was due.",
                at,
                "catalog",
                catalog,
                "table",
                table,
                "action",
                action);
    }

    private void write(PrometheusRegistry series) {
        try {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            PrometheusTextFormatWriter.create().write(text, series.scrape());
            out.write(text.toString(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double seconds(Instant at) {
        return at.toEpochMilli() / 1000.0;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /** Gauges that are set once. */
    private record Gauges(PrometheusMeterRegistry registry, Tags common) {
        void set(String name, String help, double value, String... labels) {
            Double held = value;
            Gauge.builder(name, () -> held)
                    .description(help)
                    .tags(common.and(labels))
                    .strongReference(true)
                    .register(registry);
        }
    }
}
