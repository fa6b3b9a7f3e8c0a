package io.sink.cli;

import picocli.CommandLine.Option;

/** How much is logged on stderr, and in which format. */
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
            description = "Only errors on stderr, and each TABLE, --exclude and rule that matches no table.")
    boolean quiet;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "${env:SINK_LOG_FORMAT:-text}",
            description = "Format of the log on stderr. Default: ${DEFAULT-VALUE}.")
    Format format = Format.text;

    @Option(names = "--no-color", description = "No colours, as with NO_COLOR in the environment.")
    boolean noColor;

    /** The log level: -1 errors, 0 warnings, 1 each step, 2 or more each decision. */
    int verbosity() {
        return quiet ? -1 : verbose.length;
    }
}
