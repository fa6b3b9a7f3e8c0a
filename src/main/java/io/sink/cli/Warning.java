package io.sink.cli;

import io.sink.outcome.ActionName;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds to the report of a run what a person should know that is no table's. */
record Warning(RunListener next, List<String> warnings) implements RunListener {
    private static final Logger LOG = LoggerFactory.getLogger(Warning.class);

    @Override
    public void started(RunHeader header) {
        warnings.forEach(LOG::info);
        next.started(header);
    }

    @Override
    public void table(TableReport report) {
        next.table(report);
    }

    @Override
    public void ended(RunSummary summary) {
        next.ended(summary.warning(warnings, summary.exitCode()));
    }

    @Override
    public void counted(int tables) {
        next.counted(tables);
    }

    @Override
    public void acting(String table, ActionName action) {
        next.acting(table, action);
    }
}
