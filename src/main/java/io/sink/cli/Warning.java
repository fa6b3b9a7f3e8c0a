package io.sink.cli;

import io.sink.outcome.ActionName;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds warnings to the report of a run that belong to no single table.
 *
 * @param told warnings that are on stderr already
 * @param died what earlier runs left that died; on stderr only with {@code -v}
 */
record Warning(RunListener next, List<String> told, List<String> died) implements RunListener {
    /** Name of the logger whose warnings appear with {@code -q}, too. */
    static final String ALWAYS = "io.sink.always";

    private static final Logger LOG = LoggerFactory.getLogger(Warning.class);

    /** Logs a warning on stderr, whatever the level of the log. */
    static void say(String sentence) {
        LoggerFactory.getLogger(ALWAYS).warn("{}", sentence);
    }

    @Override
    public void started(RunHeader header) {
        died.forEach(LOG::info);
        next.started(header);
    }

    @Override
    public void table(TableReport report) {
        next.table(report);
    }

    @Override
    public void ended(RunSummary summary) {
        next.ended(summary.warning(told, summary.exitCode()).warning(died, summary.exitCode()));
    }

    @Override
    public void counted(int tables) {
        next.counted(tables);
    }

    /** Logged with {@code -q}, too: a rule that matches nothing protects nothing. */
    @Override
    public void warned(String sentence) {
        say(sentence);
        next.warned(sentence);
    }

    @Override
    public void acting(String table, ActionName action) {
        next.acting(table, action);
    }
}
