package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.outcome.ExitCode.Help;
import io.sink.report.MergedReport;
import io.sink.report.ReportFile;
import io.sink.text.Human;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sink report}. */
@Command(
        name = "report",
        description = "Work with reports that runs have written.",
        subcommands = ReportCommand.Merge.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the command did what it was asked for", Help.INTERNAL, Help.USAGE},
        synopsisSubcommandLabel = "COMMAND")
final class ReportCommand extends RootCommand {

    /** {@code sink report merge}. */
    @Command(
            name = "merge",
            description =
                    "Add the reports of the shards of a run up to one, and end with the gravest of their exit codes.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:every shard ended with 0",
                Help.INTERNAL,
                Help.USAGE,
                "20:some tables failed, or a shard is missing",
                Help.REPORT_NOT_WRITTEN
            },
            footer = "%nElse the gravest exit code of a shard.",
            sortOptions = false)
    static final class Merge implements Callable<Integer> {
        @Parameters(
                arity = "1..*",
                paramLabel = "FILE",
                description = "Reports in JSON, as --report-file writes them, one of each shard.")
        List<Path> files = new ArrayList<>();

        @Option(
                names = "--report-file",
                paramLabel = "FILE",
                description = "Write the report to FILE, which appears whole or not at all, and not to stdout.")
        @Nullable
        Path file;

        @Override
        public Integer call() throws IOException {
            MergedReport merged;
            try {
                merged = MergedReport.of(files);
            } catch (MergedReport.ApartException e) {
                throw new UsageException(List.of(String.valueOf(e.getMessage())));
            }
            merged.warnings().forEach(warning -> System.err.println("sink: " + Human.plain(warning)));
            long tables = file == null
                    ? merged.write(new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)))
                    : write(merged, file);
            System.err.printf(
                    "sink: %s, %s, exit %d%n", merged.found(), Human.count(tables, "table"), merged.exitCode());
            return merged.exitCode();
        }

        private static long write(MergedReport merged, Path target) throws IOException {
            try (ReportFile report = ReportFile.begin(target)) {
                long tables = merged.write(report.writer());
                report.finish();
                return tables;
            } catch (UncheckedIOException e) {
                throw new ReportNotWrittenException(e);
            }
        }
    }
}
