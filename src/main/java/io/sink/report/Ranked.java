package io.sink.report;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Hands tables on at the end of the run: those with the most to gain first, and no more than asked for.
 *
 * <p>The gain is in bytes: those that would be freed, and 4 MiB for each file fewer, which is Iceberg's estimate of
 * what opening a file costs.
 */
public final class Ranked implements RunListener {
    private static final long FILE_BYTES = 4L << 20;
    private static final Comparator<TableReport> LEAST_FIRST =
            Comparator.comparingLong(Ranked::gain).thenComparing(TableReport::table, Comparator.reverseOrder());

    private final RunListener to;
    private final int top;
    private final PriorityQueue<TableReport> kept = new PriorityQueue<>(LEAST_FIRST);

    /** @param top tables to hand on at most */
    public Ranked(RunListener to, int top) {
        this.to = to;
        this.top = top;
    }

    static long gain(TableReport report) {
        return report.actions().stream()
                .map(ActionReport::result)
                .map(ActionResult::effect)
                .mapToLong(Ranked::worth)
                .sum();
    }

    private static long worth(Effect effect) {
        long fewer = effect.get(Counter.DATA_FILES_REWRITTEN)
                + effect.get(Counter.DELETE_FILES_APPLIED)
                + effect.get(Counter.DELETE_FILES_REMOVED)
                + effect.get(Counter.MANIFESTS_REWRITTEN)
                - effect.get(Counter.DATA_FILES_WRITTEN)
                - effect.get(Counter.MANIFESTS_WRITTEN);
        return effect.get(Counter.BYTES_FREED) + Math.max(0, fewer) * FILE_BYTES;
    }

    @Override
    public void started(RunHeader header) {
        to.started(header);
    }

    @Override
    public void table(TableReport report) {
        kept.add(report);
        if (kept.size() > top) {
            kept.remove();
        }
    }

    @Override
    public void counted(int tables) {
        to.counted(tables);
    }

    @Override
    public void acting(String table, ActionName action) {
        to.acting(table, action);
    }

    @Override
    public void ended(RunSummary summary) {
        kept.stream().sorted(LEAST_FIRST.reversed()).forEach(to::table);
        to.ended(summary);
    }
}
