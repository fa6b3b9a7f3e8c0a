package io.sink.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the result is given. */
final class OutputOptions {

    enum Format {
        text,
        json,
        ndjson
    }

    @Option(
            names = "--report",
            paramLabel = "text|json|ndjson",
            defaultValue = "${env:SINK_REPORT:-text}",
            description = "Format of the report on stdout. Default: ${DEFAULT-VALUE}.")
    Format format = Format.text;

    @Option(
            names = "--report-file",
            paramLabel = "FILE",
            description = "Also write the report to FILE, which appears whole or not at all; its name sets the format"
                    + " (json or ndjson at its end), else --report does.")
    @Nullable
    Path file;

    @Option(
            names = "--run-id",
            paramLabel = "ID",
            description = "Id of this run in report, log and journals. Default: a new ULID.")
    @Nullable
    String runId;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Directory for the locks of this host. Default: sink in XDG_STATE_HOME (~/.local/state), or"
                    + " if that cannot be written STATE_DIRECTORY, /var/lib/sink or the temporary directory.")
    @Nullable
    Path stateDirectory;

    Format fileFormat() {
        String name = String.valueOf(file);
        if (name.endsWith(".ndjson") || name.endsWith(".jsonl")) {
            return Format.ndjson;
        }
        return name.endsWith(".json") ? Format.json : format;
    }
}
