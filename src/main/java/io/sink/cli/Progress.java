package io.sink.cli;

import io.sink.outcome.ActionName;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.report.Human;
import io.sink.run.RunListener;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A line on a terminal that says how far the run is and what it is at; gone when the run ends.
 *
 * <p>With several tables at work it names the one that has been for longest, and how many there are besides.
 */
final class Progress implements RunListener {
    /** Fits the narrowest terminal that is usual; one more would wrap there. */
    private static final int WIDTH = 79;

    private static final int LONGEST_NAME = 44;
    private static final String CLEAR = "\r\u001b[2K";

    private static volatile @Nullable Progress drawn;

    private final PrintStream to;
    private final Map<String, ActionName> working = new LinkedHashMap<>();
    private @Nullable ProgressBar bar;

    Progress(PrintStream to) {
        this.to = to;
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
                .setUnit(" tables", 1)
                .hideEta()
                .setConsumer(new DelegatingProgressBarConsumer(this::draw, WIDTH))
                .build();
        drawn = this;
    }

    @Override
    public void counted(int tables) {
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
                .map(oldest -> " " + oldest.getValue().code() + " " + shortened(Human.plain(oldest.getKey()))
                        + (working.size() > 1 ? " +" + (working.size() - 1) : ""))
                .orElse(""));
    }

    /** The end of a name tells more than its beginning, which tables of one place share. */
    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : "…" + name.substring(name.length() - LONGEST_NAME + 1);
    }
}
