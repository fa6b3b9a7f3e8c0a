package io.sink.report;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Inspection;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.outcome.TableState;
import io.sink.run.RunListener;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs that never were, told to a report. */
public final class Reported {
    public static final Instant START = Instant.parse("2026-11-21T02:00:04Z");

    public static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /** Names that try to move a cursor, to hide, to run, or only to be long. */
    public static final List<String> HOSTILE = List.of(
            "<script>alert(1)</script>",
            "\u001b[31mred\u001b[0m\u009b1A",
            "one\ntwo\r\nthree\u2028four\u0085five",
            "n".repeat(300),
            "\u202egnp.exe\u2066\u200b\ufeff",
            "tag \udb40\udc41 nul \u0000 bell \u0007 quote \" back \\",
            "half \ud83d of a pair");

    private Reported() {}

    public static String by(Function<Writer, RunListener> report, List<TableReport> tables) {
        return by(report, tables, null);
    }

    public static String by(
            Function<Writer, RunListener> report, List<TableReport> tables, @Nullable String interruptedBy) {
        StringWriter written = new StringWriter();
        RunListener listener = report.apply(written);
        listener.started(new RunHeader("01JD8XAMPLE", "0.1.0", "maintain", false, START, null, TRACE));
        tables.forEach(listener::table);
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        tables.forEach(table -> outcomes.merge(table.outcome(), 1, Integer::sum));
        Effect effect = tables.stream()
                .flatMap(table -> table.actions().stream())
                .map(action -> action.result().effect())
                .reduce(Effect.NONE, Effect::plus);
        int status = outcomes.containsKey(Outcome.FAILED) ? 20 : 0;
        listener.ended(new RunSummary(START.plusSeconds(9), status, outcomes, effect, interruptedBy, List.of()));
        return written.toString();
    }

    public static Function<Writer, RunListener> text(boolean details) {
        return to -> new TextReport(
                new PrintWriter(to),
                details ? TextReport.Details.ALL : TextReport.Details.OF_FAILURES,
                false,
                LineWidth.ENDLESS);
    }

    public static List<TableReport> everyReason() {
        return Arrays.stream(Reason.values())
                .map(reason -> table("lake.web." + reason.code(), result(reason, "detail of " + reason)))
                .toList();
    }

    public static List<TableReport> everyHostileName() {
        return HOSTILE.stream()
                .map(name -> new TableReport(
                        name,
                        name,
                        name,
                        name,
                        null,
                        null,
                        List.of(new ActionReport(
                                ActionName.EXPIRE,
                                new ActionResult(
                                        Reason.CLEANUP_INCOMPLETE,
                                        name,
                                        Effect.NONE,
                                        new ActionResult.Files(List.of(), List.of(name), List.of(name)),
                                        null),
                                Duration.ofMillis(3)))))
                .toList();
    }

    /** Everything that an action can find. */
    public static TableReport everyFinding() {
        Inspection inspection = new Inspection(
                3,
                300,
                30,
                List.of(new Inspection.Bucket(1L << 20, 2, 100), new Inspection.Bucket(null, 1, 200)),
                new Inspection.Deletes(1, 2, 3, 40, null),
                List.of(new Inspection.Age(1, 2), new Inspection.Age(null, 1)),
                List.of(
                        new Inspection.Pin("year-end", "tag", 4711L, 300, 2, 200),
                        new Inspection.Pin(null, "history", null, 301, 1, 100)),
                4,
                400,
                5_000L);
        Findings findings = new Findings(
                List.of(new Findings.Share("s3://lake/t/data/", 2, 200)),
                List.of(
                        new Findings.SnapshotFigures(4711, START, 3, 2, 30, 28L, "0123456789abcdef0123456789abcdef"),
                        new Findings.SnapshotFigures(4712, START, 3, 2, 30, null, null)),
                List.of("s3://lake/t/data/x is missing"),
                7,
                inspection,
                new Findings.Groups(
                        List.of(
                                new Findings.Group(
                                        "day=2026-11-01", 40, 4_000, 2, 1, 3_000L, "page-merge", "columns match"),
                                new Findings.Group(null, 5, 500, 0, 2, null, "records", "several specs")),
                        3));
        TableReport found = table(
                "lake.web.found",
                new ActionResult(Reason.VERIFY_FAILED, "detail", Effect.NONE, ActionResult.Files.NONE, null, findings));
        TableState sized = new TableState(4711L, 12, 2, inspection.histogram());
        return new TableReport(
                found.table(), found.catalog(), found.uuid(), found.rule(), sized, sized, found.actions());
    }

    public static TableReport table(String name, ActionResult... results) {
        return new TableReport(
                name,
                "lake",
                "8f4c2d1e-0000-4000-8000-000000000001",
                "maintenance",
                new TableState(9_007_199_254_740_993L, 12, 2),
                new TableState(null, 3, 1),
                Arrays.stream(results)
                        .map(result -> new ActionReport(ActionName.EXPIRE, result, Duration.ofMillis(1_200)))
                        .toList());
    }

    public static ActionResult result(Reason reason, String detail) {
        Effect effect = Effect.NONE;
        for (Counter counter : Counter.values()) {
            effect = effect.plus(counter, 1_000L + counter.ordinal());
        }
        return new ActionResult(
                reason,
                detail,
                effect,
                new ActionResult.Files(List.of(), List.of("s3://lake/b", "s3://lake/a"), List.of("s3://lake/c (why)")),
                4711L);
    }
}
