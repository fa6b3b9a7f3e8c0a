package io.sink.cli;

import io.sink.report.HtmlReport;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The report as an HTML page. */
final class PageOptions implements ExtraOutputs.Of {

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Also write the report to FILE as one HTML page that loads nothing, with the sizes of each"
                    + " table's files before and after; it appears whole or not at all. Default: none.")
    @Nullable
    Path file;

    boolean wanted() {
        return file != null;
    }

    @Override
    public ExtraOutputs run(Session session, boolean whole, boolean dryRun) {
        return file == null ? ExtraOutputs.NONE : ExtraOutputs.file(file, HtmlReport::new);
    }
}
