package io.sink.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;

/**
 * The report as one JSON object a line, each as soon as it is known: {@code run_start}, {@code table}…,
 * {@code summary}.
 */
public final class NdjsonReport implements RunListener {
    private final Writer out;

    /** @param out where the lines go; flushed after each, never closed */
    public NdjsonReport(Writer out) {
        this.out = out;
    }

    @Override
    public void started(RunHeader header) {
        line("run_start", json -> ReportFields.header(json, header));
    }

    @Override
    public void table(TableReport report) {
        line("table", json -> ReportFields.table(json, report));
    }

    @Override
    public void ended(RunSummary summary) {
        line("summary", json -> ReportFields.summary(json, summary));
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private void line(String type, Fields fields) {
        try {
            StringWriter line = new StringWriter();
            try (JsonGenerator json = VisibleJson.FACTORY.createGenerator(line)) {
                json.writeStartObject();
                json.writeStringField("type", type);
                fields.write(json);
                json.writeEndObject();
            }
            out.write(line.append('\n').toString());
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
