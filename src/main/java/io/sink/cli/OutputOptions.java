package io.sink.cli;

import io.sink.config.UsageException;
import java.nio.file.Path;
import java.util.List;
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
            names = "--only-problems",
            description = "On stdout only the tables that failed, with the reasons of --fail-on, and nothing at all if"
                    + " the run ends with 0; without progress. Needs --report text. What --report-file, --html and"
                    + " --metrics-file name is written as ever.")
    boolean onlyProblems;

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

    /** The file of the report, once this run's own report is in it: one of an earlier run may be there before. */
    @Nullable
    Path written;

    /** @throws UsageException if options contradict each other */
    void require() {
        if (onlyProblems && format != Format.text) {
            throw new UsageException(
                    List.of("--only-problems leaves out tables, which only a report of --report text may do;"
                            + " it is " + format + " here. Write that with --report-file, which is always whole"));
        }
    }

    Format fileFormat() {
        String name = String.valueOf(file);
        if (name.endsWith(".ndjson") || name.endsWith(".jsonl")) {
            return Format.ndjson;
        }
        return name.endsWith(".json") ? Format.json : format;
    }
}
