package io.sink.report;

import io.sink.outcome.ActionName;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.util.List;

/** Several listeners as one, each told in turn. */
public record Reports(List<RunListener> listeners) implements RunListener {

    public Reports {
        listeners = List.copyOf(listeners);
    }

    @Override
    public void started(RunHeader header) {
        listeners.forEach(listener -> listener.started(header));
    }

    @Override
    public void table(TableReport report) {
        listeners.forEach(listener -> listener.table(report));
    }

    @Override
    public void counted(int tables) {
        listeners.forEach(listener -> listener.counted(tables));
    }

    @Override
    public void acting(String table, ActionName action) {
        listeners.forEach(listener -> listener.acting(table, action));
    }

    @Override
    public void ended(RunSummary summary) {
        listeners.forEach(listener -> listener.ended(summary));
    }
}
