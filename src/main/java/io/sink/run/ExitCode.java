package io.sink.run;

import io.sink.outcome.ActionReport;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The statuses that the process ends with. Published: add, never renumber.
 *
 * @ref LLP 0004#exit-codes
 */
public final class ExitCode {
    public static final int OK = 0;
    public static final int INTERNAL = 1;
    public static final int USAGE = 2;
    public static final int OUT_OF_MEMORY = 3;
    public static final int CONFIGURATION = 10;
    public static final int LOCKED = 11;
    public static final int NO_TABLES = 12;
    public static final int SOME_FAILED = 20;
    public static final int ALL_FAILED = 21;
    public static final int CATALOG_UNREACHABLE = 22;
    public static final int COMMIT_UNKNOWN = 23;
    public static final int REPORT_NOT_WRITTEN = 24;
    public static final int SIGINT = 130;
    public static final int SIGTERM = 143;

    private ExitCode() {}

    /** Counts what decides a run's status, a table at a time. */
    static final class Tally {
        private final Set<Reason> failOn;
        private int tables;
        private int failedTables;
        private int failedCatalogs;
        private int walkedCatalogs;
        private int absent;
        private boolean unknown;

        Tally(Set<Reason> failOn) {
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
                return COMMIT_UNKNOWN;
            }
            if (signal != null) {
                return signal.equals("SIGINT") ? SIGINT : SIGTERM;
            }
            if (tables == 0 && failedCatalogs > 0) {
                return walkedCatalogs == 0 ? ExitCode.CATALOG_UNREACHABLE : SOME_FAILED;
            }
            int failed = failedTables + failedCatalogs;
            if (failed > 0) {
                return failed == tables + failedCatalogs ? ALL_FAILED : SOME_FAILED;
            }
            boolean empty = tables == absent;
            return empty && !allowEmpty ? NO_TABLES : OK;
        }
    }
}
