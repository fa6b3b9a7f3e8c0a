package io.sink.outcome;

/**
 * The statuses that the process ends with, from which help and documents are made. Published: add, never renumber.
 *
 * @ref LLP 0004#exit-codes
 */
public enum ExitCode {
    OK(Help.OK),
    INTERNAL(Help.INTERNAL),
    USAGE(Help.USAGE),
    OUT_OF_MEMORY(Help.OUT_OF_MEMORY),
    CONFIGURATION(Help.CONFIGURATION),
    LOCKED(Help.LOCKED),
    NO_TABLES(Help.NO_TABLES),
    NO_STATE(Help.NO_STATE),
    SOME_FAILED(Help.SOME_FAILED),
    ALL_FAILED(Help.ALL_FAILED),
    CATALOG_UNREACHABLE(Help.CATALOG_UNREACHABLE),
    COMMIT_UNKNOWN(Help.COMMIT_UNKNOWN),
    REPORT_NOT_WRITTEN(Help.REPORT_NOT_WRITTEN),
    SIGINT(Help.SIGINT),
    SIGTERM(Help.SIGTERM);

    /** Each status with its meaning, as a command's help lists it: constants, since annotations take nothing else. */
    public static final class Help {
        public static final String OK = "0:every table was done, planned or skipped, or lost a race";
        public static final String INTERNAL = "1:unexpected internal error";
        public static final String USAGE = "2:the command line is wrong";
        public static final String OUT_OF_MEMORY = "3:the JVM ran out of memory";
        public static final String CONFIGURATION = "10:the configuration is invalid or missing";
        public static final String LOCKED = "11:another run has the lock on this host";
        public static final String NO_TABLES =
                "12:no tables: none configured or none matched (--allow-empty makes it 0)";
        public static final String NO_STATE = "13:no directory for the locks can be written (--state-dir)";
        public static final String SOME_FAILED = "20:some tables or catalogs failed";
        public static final String ALL_FAILED = "21:all of them failed";
        public static final String CATALOG_UNREACHABLE = "22:no catalog could be reached, and no table was looked at";
        public static final String COMMIT_UNKNOWN = "23:a commit whose state is unknown: a person must look";
        public static final String REPORT_NOT_WRITTEN =
                "24:the report, or a file beside it, could not be written; what was done to the tables stands";
        public static final String SIGINT = "130:stopped by SIGINT at a safe point, report written";
        public static final String SIGTERM = "143:stopped by SIGTERM or SIGHUP at a safe point, report written";

        private Help() {}
    }

    private final int code;

    ExitCode(String help) {
        this.code = Integer.parseInt(help.substring(0, help.indexOf(':')));
    }

    /** The published status. */
    public int code() {
        return code;
    }
}
