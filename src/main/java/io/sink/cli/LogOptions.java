package io.sink.cli;

import picocli.CommandLine.Option;

/** How much is said on stderr, and how. */
final class LogOptions {

    enum Format {
        text,
        json
    }

    @Option(
            names = {"-v", "--verbose"},
            description = "More on stderr: -v each step, -vv each decision and exception.")
    boolean[] verbose = {};

    @Option(
            names = {"-q", "--quiet"},
            description = "Only errors on stderr, and what was written to select tables and selects none.")
    boolean quiet;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "${env:SINK_LOG_FORMAT:-text}",
            description = "Format of the log on stderr. Default: ${DEFAULT-VALUE}.")
    Format format = Format.text;

    @Option(names = "--no-color", description = "No colours, as with NO_COLOR in the environment.")
    boolean noColor;

    /** -1 errors, 0 warnings, 1 each step, 2 each decision. */
    int verbosity() {
        return quiet ? -1 : verbose.length;
    }
}
