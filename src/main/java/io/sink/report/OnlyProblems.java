package io.sink.report;

import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A report of the tables that failed, and of nothing at all where the run ends with 0: whoever sends on what is printed
 * hears of problems alone.
 */
public final class OnlyProblems implements RunListener {
    private final RunListener report;
    private final Set<Reason> failing;
    private final Runnable after;
    private final List<TableReport> tables = new ArrayList<>();
    private @Nullable RunHeader header;

    /**
     * @param failing reasons that count as failures, beside those of failed tables
     * @param after called when something was reported
     */
    public OnlyProblems(RunListener report, Set<Reason> failing, Runnable after) {
        this.after = after;
        this.report = report;
        this.failing = Set.copyOf(failing);
    }

    @Override
    public void started(RunHeader started) {
        header = started;
    }

    @Override
    public void table(TableReport table) {
        if (table.actions().stream()
                .anyMatch(action -> action.outcome() == Outcome.FAILED || failing.contains(action.reason()))) {
            tables.add(table);
        }
    }

    @Override
    public void ended(RunSummary summary) {
        if (summary.exitCode() == 0) {
            return;
        }
        if (header != null) {
            report.started(header);
        }
        tables.forEach(report::table);
        report.ended(summary);
        after.run();
    }
}
