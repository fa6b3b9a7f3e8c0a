package io.sink.cli;

import io.sink.outcome.ActionName;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.report.LineWidth;
import io.sink.run.RunListener;
import io.sink.text.Human;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A line on a terminal that says how far the run is and which action is at work; cleared when the run ends.
 *
 * <p>With several tables at work it names the one that began first, and how many others there are.
 */
final class Progress implements RunListener {
    /** In columns: a longer line is hard to read, whatever the terminal has room for. */
    private static final int WIDEST = 120;
    /** Columns before the action, without the two numbers of tables: {@code sink 100% [=] / tables (0:00:00) }. */
    private static final int BESIDE = 34;

    private static final String CLEAR = "\r\u001b[2K";

    private static volatile @Nullable Progress drawn;

    private final PrintStream to;
    private final int width;
    private final UnaryOperator<String> redaction;
    private int digits = 1;
    private final Map<String, ActionName> working = new LinkedHashMap<>();
    private @Nullable ProgressBar bar;

    /**
     * @param columns of the terminal; one cell stays free, since some wrap as soon as the last is taken
     * @param redaction gives a name without its secrets, before it is cut
     */
    Progress(PrintStream to, int columns, UnaryOperator<String> redaction) {
        this.to = to;
        this.redaction = redaction;
        this.width = Math.min(WIDEST, columns) - 1;
    }

    /** Clears the line for something else on the same terminal; it is drawn again below. */
    static void makeWay() {
        Progress progress = drawn;
        if (progress != null) {
            progress.to.print(CLEAR);
        }
    }

    private void draw(String line) {
        to.print("\r" + line);
        to.flush();
    }

    @Override
    public void started(RunHeader header) {
        bar = new ProgressBarBuilder()
                .setTaskName("sink")
                .setStyle(ProgressBarStyle.ASCII)
                .setInitialMax(-1)
                .setUpdateIntervalMillis(200)
                // Otherwise the line is drawn only when a table ends, and its clock stands still in between.
                .continuousUpdate()
                .setUnit(" tables", 1)
                .hideEta()
                .setConsumer(new DelegatingProgressBarConsumer(this::draw, width))
                .build();
        drawn = this;
    }

    @Override
    public synchronized void counted(int tables) {
        digits = Integer.toString(tables).length();
        if (bar != null) {
            bar.maxHint(tables);
        }
    }

    @Override
    public synchronized void acting(String table, ActionName action) {
        working.put(table, action);
        say();
    }

    @Override
    public synchronized void table(TableReport report) {
        working.remove(report.table());
        if (bar != null) {
            bar.step();
        }
        say();
    }

    @Override
    public synchronized void ended(RunSummary summary) {
        drawn = null;
        if (bar != null) {
            bar.close();
            to.print(CLEAR);
            to.flush();
        }
    }

    private void say() {
        if (bar == null) {
            return;
        }
        bar.setExtraMessage(working.entrySet().stream()
                .findFirst()
                .map(oldest -> line(
                        oldest.getValue().code(),
                        redaction.apply(Human.plain(oldest.getKey())),
                        working.size() > 1 ? " +" + (working.size() - 1) : ""))
                .orElse(""));
    }

    /** The end of a name tells more than its beginning, which tables of one place share. */
    private String line(String action, String table, String more) {
        int room = width - BESIDE - 2 * digits - action.length() - 2 - more.length();
        return " " + action + " " + LineWidth.ending(table, Math.max(1, room)) + more;
    }
}
