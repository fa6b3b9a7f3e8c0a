package io.sink.report;

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
    public void ended(RunSummary summary) {
        listeners.forEach(listener -> listener.ended(summary));
    }
}
