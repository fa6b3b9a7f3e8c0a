package io.sink.run;

import io.sink.outcome.ActionName;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;

/** Hears of a run as it goes: once of its start, once of each table when it is done, once of its end. */
public interface RunListener {

    /** The run begins. */
    void started(RunHeader header);

    /** A table is done, or was not begun; called by one thread at a time. */
    void table(TableReport report);

    /** The run ends; nothing comes after. */
    void ended(RunSummary summary);

    /** How many tables there are to be looked at, once that is known; told once at most. */
    default void counted(int tables) {}

    /** A warning that is not about a single table; the summary has it, too. */
    default void warned(String sentence) {}

    /** An action on a table begins. Told by the thread that does it, of several tables at once. */
    default void acting(String table, ActionName action) {}
}
