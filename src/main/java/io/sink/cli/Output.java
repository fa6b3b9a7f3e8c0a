package io.sink.cli;

import io.sink.config.Secrets;
import io.sink.config.UsageException;
import io.sink.outcome.Reason;
import io.sink.report.JsonReport;
import io.sink.report.LineWidth;
import io.sink.report.NdjsonReport;
import io.sink.report.OnlyProblems;
import io.sink.report.ReportFile;
import io.sink.report.Reports;
import io.sink.report.TextReport;
import io.sink.run.RunListener;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where a run's report goes: stdout, and the files that were asked for. */
final class Output implements AutoCloseable {
    private final RunListener listener;
    private final List<ReportFile> files;

    private Output(RunListener listener, List<ReportFile> files) {
        this.listener = listener;
        this.files = files;
    }

    /**
     * Opens every output.
     *
     * @param failing reasons that count as failures
     * @throws ReportNotWrittenException if a file cannot be created; nothing was done to any table yet
     * @throws UsageException if two outputs name the same file
     */
    static Output open(
            OutputOptions options,
            ExtraOutputs besides,
            Secrets secrets,
            boolean details,
            Terminal terminal,
            boolean quiet,
            Set<Reason> failing) {
        List<ExtraOutputs.Beside> wanted = new ArrayList<>(besides.files());
        if (options.file != null) {
            wanted.add(
                    0,
                    new ExtraOutputs.Beside(
                            options.file,
                            to -> report(options.fileFormat(), to, details(details), false, LineWidth.ENDLESS)));
        }
        Set<Path> places = new HashSet<>();
        for (ExtraOutputs.Beside beside : wanted) {
            if (!places.add(beside.file().toAbsolutePath().normalize())) {
                throw new UsageException(List.of(beside.file() + " is named for two outputs; give each its own file"));
            }
        }
        List<RunListener> listeners = new ArrayList<>();
        List<ReportFile> files = new ArrayList<>();
        for (ExtraOutputs.Beside beside : wanted) {
            try {
                ReportFile file = ReportFile.begin(beside.file());
                files.add(file);
                listeners.add(beside.writing().apply(new RedactingWriter(file.writer(), secrets)));
            } catch (UncheckedIOException e) {
                files.forEach(ReportFile::close);
                throw ReportNotWrittenException.beforeAll(e);
            }
        }
        listeners.addAll(besides.listeners());
        Writer stdout = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
        TextReport.Details told = options.onlyProblems && !details ? TextReport.Details.REMEDIES : details(details);
        RunListener printed =
                report(options.format, stdout, told, terminal.stdout() && terminal.colours(), terminal.width(secrets));
        listeners.add(
                options.onlyProblems ? new OnlyProblems(printed, failing, () -> whole(options, stdout)) : printed);
        if (terminal.stderr() && !quiet && !options.onlyProblems && options.format == OutputOptions.Format.text) {
            // First, so that its line is gone before the report is printed below.
            listeners.add(0, new Progress(System.err, terminal.columns(), secrets::redact));
        }
        return new Output(new Reports(listeners), List.copyOf(files));
    }

    private static TextReport.Details details(boolean all) {
        return all ? TextReport.Details.ALL : TextReport.Details.OF_FAILURES;
    }

    /** Says where the tables are that are not told of. */
    private static void whole(OutputOptions options, Writer stdout) {
        if (options.file != null) {
            PrintWriter line = new PrintWriter(stdout);
            line.println("the report of all tables: " + options.file.toAbsolutePath());
            line.flush();
        }
    }

    private static RunListener report(
            OutputOptions.Format format, Writer to, TextReport.Details details, boolean colours, LineWidth width) {
        return switch (format) {
            case text -> new TextReport(new PrintWriter(to), details, colours, width);
            case json -> new JsonReport(to);
            case ndjson -> new NdjsonReport(to);
        };
    }

    RunListener listener() {
        return listener;
    }

    /** @throws ReportNotWrittenException if a file cannot be put in its place, or stdout could not be written */
    void finish() {
        UncheckedIOException failure = null;
        for (ReportFile file : files) {
            try {
                file.finish();
            } catch (UncheckedIOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw new ReportNotWrittenException(failure);
        }
        if (System.out.checkError()) {
            throw new ReportNotWrittenException(new IOException("stdout could not be written"));
        }
    }

    @Override
    public void close() {
        files.forEach(ReportFile::close);
    }
}
