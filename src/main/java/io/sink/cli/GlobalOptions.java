package io.sink.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that reads a configuration. */
final class GlobalOptions {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration file. Default: SINK_CONFIG, else sink.yaml in this folder, else"
                    + " ~/.config/sink/sink.yaml, else /etc/sink/sink.yaml.")
    @Nullable
    String config;

    @Mixin
    LogOptions log = new LogOptions();
}
