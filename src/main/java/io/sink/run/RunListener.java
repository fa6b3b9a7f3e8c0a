package io.sink.run;

import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;

/** Hears of a run as it goes: once of its start, once of each table when it is done, once of its end. */
public interface RunListener {

    void started(RunHeader header);

    void table(TableReport report);

    void ended(RunSummary summary);
}
