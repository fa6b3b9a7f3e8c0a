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
 * What is known of a run while it goes on, each table on disk as soon as it is done: gone once the run has ended and
 * said so itself, and left by one that was killed or ran out of memory.
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

    /** Of a run that writes nothing, which leaves nothing. */
    static RunRecord none(Secrets secrets) {
        return new RunRecord(List.of(), secrets);
    }

    /** Begins it; where it cannot be written, the run goes on without. */
    static RunRecord begin(Path file, Secrets secrets) {
        try {
            RunRecord record = new RunRecord(List.of(ReportFile.whileOpen(file)), secrets);
            ReportFile.forgetBeside(file, Instant.now().minus(KEPT));
            return record;
        } catch (UncheckedIOException e) {
            LOG.info("the run's results are not on disk before it ends: {}", e.getMessage());
            return none(secrets);
        }
    }

    /** The listener, told after this has written what it is told. */
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
