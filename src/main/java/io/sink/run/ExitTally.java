package io.sink.run;

import io.sink.outcome.ActionReport;
import io.sink.outcome.ExitCode;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts what decides a run's exit status, table by table. */
final class ExitTally {
    private final Set<Reason> failOn;
    private int tables;
    private int failedTables;
    private int failedCatalogs;
    private int walkedCatalogs;
    private int absent;
    private boolean elsewhere;
    private boolean unknown;

    ExitTally(Set<Reason> failOn) {
        this.failOn = Set.copyOf(failOn);
    }

    void table(TableReport report) {
        tables++;
        if (report.actions().stream().anyMatch(this::failed)) {
            failedTables++;
        }
        if (report.actions().stream().allMatch(action -> action.reason() == Reason.NO_TABLE)) {
            absent++;
        }
        unknown |= report.actions().stream().anyMatch(a -> a.reason() == Reason.COMMIT_STATE_UNKNOWN);
    }

    /** A table that is another shard's. */
    void elsewhere() {
        elsewhere = true;
    }

    /** A catalog that could not be opened or listed. */
    void catalogFailed() {
        failedCatalogs++;
    }

    /** A catalog that was listed to its end, or had no need to be. */
    void catalogWalked() {
        walkedCatalogs++;
    }

    private boolean failed(ActionReport action) {
        return action.outcome() == Outcome.FAILED || failOn.contains(action.reason());
    }

    int status(boolean allowEmpty, @Nullable String signal) {
        if (unknown) {
            return ExitCode.COMMIT_UNKNOWN.code();
        }
        if (signal != null) {
            return signal.equals("SIGINT") ? ExitCode.SIGINT.code() : ExitCode.SIGTERM.code();
        }
        if (tables == 0 && failedCatalogs > 0) {
            return walkedCatalogs == 0 ? ExitCode.CATALOG_UNREACHABLE.code() : ExitCode.SOME_FAILED.code();
        }
        int failed = failedTables + failedCatalogs;
        if (failed > 0) {
            return failed == tables + failedCatalogs ? ExitCode.ALL_FAILED.code() : ExitCode.SOME_FAILED.code();
        }
        boolean empty = tables == absent && (tables > 0 || !elsewhere);
        return empty && !allowEmpty ? ExitCode.NO_TABLES.code() : ExitCode.OK.code();
    }
}
