package io.sink.report;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Findings;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import io.sink.text.Human;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The report for a person: one line for each action on each table, then notes, then the totals. */
public final class TextReport implements RunListener {
    private static final int MOST_ORPHANS = 10;
    private static final int MOST_PROBLEMS = 20;
    private static final int MOST_GROUPS = 20;
    private static final int FURTHER_IN = 4;
    private static final int OUTCOME = 2;

    /** How much is said of tables. */
    public enum Details {
        /** What went wrong. */
        OF_FAILURES,
        /** What went wrong, and what to do about it. */
        REMEDIES,
        /** That, the detail of every action, and every file. */
        ALL
    }

    private record Line(
            String table, String action, String outcome, String reason, String files, String bytes, String time) {}

    private final PrintWriter out;
    private final boolean details;
    private final boolean remedies;
    private final boolean colours;
    private final LineWidth width;
    private final List<Line> lines = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Set<Reason> reasons = new LinkedHashSet<>();
    private int unread;

    /**
     * @param out where the report goes; flushed at the end, never closed
     * @param told how much is said of each table
     * @param colours whether outcomes are coloured
     * @param width which no line exceeds
     */
    public TextReport(PrintWriter out, Details told, boolean colours, LineWidth width) {
        this.out = out;
        this.details = told == Details.ALL;
        this.remedies = told != Details.OF_FAILURES;
        this.colours = colours;
        this.width = width;
    }

    @Override
    public void started(RunHeader header) {
        print("sink %s  %s%s   run %s   %s"
                .formatted(
                        header.version(),
                        Human.plain(header.command()),
                        header.shard() == null ? "" : "   shard " + header.shard(),
                        header.runId(),
                        header.startedAt()));
        out.println();
    }

    /** Prints a line; what does not fit goes on below, indented further. */
    private void print(String line) {
        int indent = line.length() - line.stripLeading().length();
        width.wrapped(line, indent + FURTHER_IN).forEach(out::println);
    }

    @Override
    public void table(TableReport report) {
        String name = Human.plain(report.table());
        if (report.table().equals(report.catalog())) {
            unread++;
        }
        boolean inspected = report.actions().stream()
                .anyMatch(action -> action.result().findings().inspection() != null);
        if (inspected) {
            // Each table has several lines: they are separated from those of the table before, and name the table once.
            notes.addAll(notes.isEmpty() ? List.of(name) : List.of("", name));
        }
        for (int i = 0; i < report.actions().size(); i++) {
            ActionReport action = report.actions().get(i);
            lines.add(line(i == 0 ? name : "", action));
            reasons.add(action.reason());
            boolean grave = action.outcome() == Outcome.FAILED
                    || action.outcome() == Outcome.DEFERRED
                    || (action.action().is(ActionName.Trait.FINDS) && action.outcome() != Outcome.SKIPPED);
            String detail = action.result().detail();
            String told = Alike.told(report.actions(), action);
            if ((grave || details) && !detail.isEmpty() && !told.isEmpty()) {
                notes.add("%s %s %s: %s"
                        .formatted(inspected ? " " : name, told, action.reason().code(), Human.plain(detail)));
            }
            if (action.action().is(ActionName.Trait.LISTS_FILES)) {
                byPrefix(action.result());
            }
            findings(action.result().findings());
            List<String> left = action.result().files().left();
            left.stream()
                    .limit(details ? Long.MAX_VALUE : 3)
                    .forEach(file -> notes.add("  left: " + Human.plain(file)));
            if (!details && left.size() > 3) {
                notes.add("  left: %d more, all of them in the JSON report".formatted(left.size() - 3));
            }
        }
    }

    private void groups(Findings.Groups groups) {
        List<Findings.Group> shown =
                groups.listed().subList(0, Math.min(groups.listed().size(), MOST_GROUPS));
        shown.forEach(group -> notes.add("  " + group(group)));
        long more = groups.listed().size() - shown.size() + groups.omitted();
        if (more > 0) {
            notes.add("  and " + Human.count(more, "more group") + ", up to a thousand of them in the JSON report");
        }
    }

    /** One group in one line: where, what it was, what it is. */
    static String group(Findings.Group group) {
        String partition = group.partition();
        return "%s: %s, %s%s → %s%s, %s"
                .formatted(
                        partition == null
                                ? "of older specs"
                                : partition.isEmpty() ? "unpartitioned" : Human.plain(partition),
                        Human.count(group.files(), "file"),
                        Human.bytes(group.bytes()),
                        group.deleteFiles() == 0 ? "" : " and " + Human.count(group.deleteFiles(), "delete file"),
                        Human.count(group.filesAfter(), "file"),
                        group.bytesAfter() == null ? "" : ", " + Human.bytes(group.bytesAfter()),
                        group.rewriter());
    }

    private void findings(Findings findings) {
        if (details) {
            groups(findings.groups());
        }
        if (findings.inspection() != null) {
            notes.addAll(InspectionText.lines(findings.inspection(), width));
        }
        for (Findings.SnapshotFigures snapshot : findings.snapshots()) {
            notes.add("  snapshot %d of %s: %s, %s, %s%s"
                    .formatted(
                            snapshot.id(),
                            snapshot.committedAt(),
                            Human.count(snapshot.dataFiles(), "data file"),
                            Human.count(snapshot.deleteFiles(), "delete file"),
                            Human.count(snapshot.records(), "record"),
                            snapshot.rows() == null
                                    ? ""
                                    : ", " + Human.count(snapshot.rows(), "row") + ", fingerprint "
                                            + snapshot.fingerprint()));
        }
        List<String> problems = findings.problems();
        List<String> shown = problems.subList(0, Math.min(problems.size(), details ? problems.size() : MOST_PROBLEMS));
        shown.forEach(problem -> notes.add("  wrong: " + Human.plain(problem)));
        long more = problems.size() - shown.size() + findings.problemsOmitted();
        if (more > 0) {
            notes.add("  wrong: " + Human.count(more) + " more");
        }
    }

    /** Where the files lie, and the first of them, since the list is what was asked for. */
    private void byPrefix(ActionResult result) {
        for (Findings.Share share : result.findings().byPrefix()) {
            notes.add("  %s: %s, %s"
                    .formatted(
                            Human.plain(share.prefix()),
                            Human.count(share.files(), "file"),
                            Human.bytes(share.bytes())));
        }
        List<String> paths = result.files().deleted();
        List<String> shown = paths.subList(0, Math.min(paths.size(), details ? paths.size() : MOST_ORPHANS));
        shown.forEach(path -> notes.add("    " + Human.plain(path)));
        long more = paths.size() - shown.size() + result.files().deletedOmitted();
        if (more > 0) {
            notes.add("    and " + Human.count(more) + " more"
                    + (details ? "" : ", up to ten thousand of them with -v and in the JSON report"));
        }
    }

    private static Line line(String table, ActionReport action) {
        Effect effect = action.result().effect();
        return new Line(
                table,
                action.action().code(),
                action.outcome() == Outcome.FAILED ? "FAILED" : action.outcome().code(),
                action.reason().code(),
                files(effect),
                bytes(effect),
                Human.duration(action.duration()));
    }

    static String files(Effect effect) {
        if (effect.get(Counter.DATA_FILES_REWRITTEN) > 0) {
            return Human.count(effect.get(Counter.DATA_FILES_REWRITTEN)) + " → "
                    + Human.count(effect.get(Counter.DATA_FILES_WRITTEN));
        }
        if (effect.get(Counter.MANIFESTS_REWRITTEN) > 0) {
            return Human.count(effect.get(Counter.MANIFESTS_REWRITTEN)) + " → "
                    + Human.count(effect.get(Counter.MANIFESTS_WRITTEN));
        }
        if (effect.get(Counter.STAGED_FILES_DELETED) == 0 && effect.get(Counter.DELETE_FILES_REMOVED) > 0) {
            return "-" + Human.count(effect.get(Counter.DELETE_FILES_REMOVED));
        }
        if (effect.get(Counter.FILES_STAGED) > 0) {
            return Human.count(effect.get(Counter.FILES_STAGED)) + " staged, "
                    + Human.count(effect.get(Counter.STAGED_FILES_DELETED)) + " deleted";
        }
        long deleted = effect.filesDeleted() + effect.get(Counter.STAGED_FILES_DELETED);
        return deleted == 0 ? "" : "-" + Human.count(deleted);
    }

    static String bytes(Effect effect) {
        if (effect.get(Counter.BYTES_READ) > 0) {
            long written = effect.get(Counter.BYTES_WRITTEN);
            return written == 0
                    ? Human.bytes(effect.get(Counter.BYTES_READ))
                    : Human.change(effect.get(Counter.BYTES_READ), written);
        }
        long freed = effect.get(Counter.BYTES_FREED);
        return freed == 0 ? "" : "-" + Human.bytes(freed);
    }

    @Override
    public void ended(RunSummary summary) {
        if (!lines.isEmpty()) {
            out.println(table());
        }
        if (!notes.isEmpty()) {
            out.println();
            notes.forEach(this::print);
        }
        if (remedies) {
            remedies();
        }
        if (!lines.isEmpty()) {
            out.println();
        }
        print(sum(summary));
        out.flush();
    }

    /** Once for each reason, however many tables have it. */
    private void remedies() {
        List<Reason> remedied =
                reasons.stream().filter(reason -> !reason.remedy().isEmpty()).toList();
        if (!remedied.isEmpty()) {
            out.println();
            remedied.forEach(reason -> print("what to do about %s: %s".formatted(reason.code(), reason.remedy())));
        }
    }

    private String table() {
        Columns columns =
                new Columns(List.of("TABLE", "ACTION", "OUTCOME", "REASON", "FILES", "BYTES", "TIME"), 4, width);
        return columns.of(
                lines.stream()
                        .map(line -> List.of(
                                line.table(),
                                line.action(),
                                line.outcome(),
                                line.reason(),
                                line.files(),
                                line.bytes(),
                                line.time()))
                        .toList(),
                colours ? (column, text) -> column == OUTCOME ? OutcomeColours.of(text) : text : Columns.Paint.NONE);
    }

    private String sum(RunSummary summary) {
        String outcomes = summary.tables().entrySet().stream()
                .filter(count -> count.getValue() > 0)
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .map(count -> count.getValue() + " " + count.getKey().code())
                .collect(Collectors.joining(", "));
        @Nullable String by = summary.interruptedBy();
        return String.format(
                Locale.ROOT,
                "%s: %s%s%s   exit %d",
                summary.total() == 1 ? "1 table" : summary.total() + " tables",
                outcomes.isEmpty() ? "none" : outcomes,
                unread == 0 ? "" : ", counting " + Human.count(unread, "catalog") + " that could not be read",
                by == null ? "" : ", stopped by " + by + " before every table was looked at",
                summary.exitCode());
    }
}
