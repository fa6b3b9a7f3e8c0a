package io.sink.cli;

import io.sink.config.Secrets;
import io.sink.report.NdjsonReport;
import io.sink.report.ReportFile;
import io.sink.report.Reports;
import io.sink.run.RunListener;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The results of a run while it goes on. Each table is on disk as soon as it is done. The file is deleted when the run
 * has ended and reported; a run that was killed or ran out of memory leaves it.
 */
final class RunRecord implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunRecord.class);
    private static final Duration KEPT = Duration.ofDays(30);

    private final List<ReportFile> files;
    private final Secrets secrets;

    private RunRecord(List<ReportFile> files, Secrets secrets) {
        this.files = files;
        this.secrets = secrets;
    }

    /** For a run that changes no table: it leaves no file. */
    static RunRecord none(Secrets secrets) {
        return new RunRecord(List.of(), secrets);
    }

    /** Creates the file; if that fails, the run goes on without it. */
    static RunRecord begin(Path file, Secrets secrets) {
        try {
            RunRecord record = new RunRecord(List.of(ReportFile.whileOpen(file)), secrets);
            ReportFile.forgetBeside(file, Instant.now().minus(KEPT));
            return record;
        } catch (UncheckedIOException e) {
            LOG.info("the results of tables are not written to disk before the run ends: {}", e.getMessage());
            return none(secrets);
        }
    }

    /** Returns a listener that writes each result to the file before it calls the given listener. */
    RunListener and(RunListener listener) {
        return files.isEmpty()
                ? listener
                : new Reports(List.of(
                        new NdjsonReport(new RedactingWriter(files.get(0).writer(), secrets)), listener));
    }

    @Override
    public void close() {
        files.forEach(ReportFile::close);
    }
}
