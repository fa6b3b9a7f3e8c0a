package io.sink.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command: the configuration file, and how much is said on stderr. */
final class GlobalOptions {

    enum LogFormat {
        text,
        json
    }

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration file. Default: SINK_CONFIG, ./sink.yaml, ~/.config/sink/sink.yaml.")
    @Nullable
    String config;

    @Option(
            names = {"-v", "--verbose"},
            description = "More on stderr: -v each step, -vv each decision and exception.")
    boolean[] verbose = {};

    @Option(
            names = {"-q", "--quiet"},
            description = "Only errors on stderr.")
    boolean quiet;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "${env:SINK_LOG_FORMAT:-text}",
            description = "Format of the log on stderr. Default: ${DEFAULT-VALUE}.")
    LogFormat logFormat = LogFormat.text;

    @Option(names = "--no-color", description = "No colours, as with NO_COLOR in the environment.")
    boolean noColor;

    int verbosity() {
        return quiet ? -1 : verbose.length;
    }
}
