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
 * Adds to the report of a run what a person should know that is no table's.
 *
 * @param told what was said on stderr already
 * @param died what only those hear who ask for more
 */
record Warning(RunListener next, List<String> told, List<String> died) implements RunListener {
    /** The log of what is told with -q, too. */
    static final String ALWAYS = "io.sink.always";

    private static final Logger LOG = LoggerFactory.getLogger(Warning.class);

    /** Says something on stderr, whatever of the log is wanted there. */
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

    /** With -q, too: a rule that matches nothing protects nothing. */
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
