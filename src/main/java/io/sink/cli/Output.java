package io.sink.cli;

import io.sink.config.Secrets;
import io.sink.report.JsonReport;
import io.sink.report.NdjsonReport;
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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a run's report goes: stdout, and a file if one was asked for. */
final class Output implements AutoCloseable {
    private final RunListener listener;
    private final @Nullable ReportFile file;

    private Output(RunListener listener, @Nullable ReportFile file) {
        this.listener = listener;
        this.file = file;
    }

    /**
     * Opens both.
     *
     * @throws ReportNotWrittenException if the file cannot be begun; nothing was done to any table yet
     */
    static Output open(OutputOptions options, Secrets secrets, boolean details) {
        List<RunListener> listeners = new ArrayList<>();
        ReportFile file = null;
        if (options.file != null) {
            try {
                file = ReportFile.begin(options.file);
            } catch (UncheckedIOException e) {
                throw new ReportNotWrittenException(e);
            }
            listeners.add(report(options.fileFormat(), new RedactingWriter(file.writer(), secrets), details));
        }
        Writer stdout = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
        listeners.add(report(options.format, stdout, details));
        return new Output(new Reports(listeners), file);
    }

    private static RunListener report(OutputOptions.Format format, Writer to, boolean details) {
        return switch (format) {
            case text -> new TextReport(new PrintWriter(to), details);
            case json -> new JsonReport(to);
            case ndjson -> new NdjsonReport(to);
        };
    }

    RunListener listener() {
        return listener;
    }

    /** @throws ReportNotWrittenException if the file cannot be put in its place, or stdout did not take the report */
    void finish() {
        if (file != null) {
            try {
                file.finish();
            } catch (UncheckedIOException e) {
                throw new ReportNotWrittenException(e);
            }
        }
        if (System.out.checkError()) {
            throw new ReportNotWrittenException(new IOException("stdout could not be written"));
        }
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
