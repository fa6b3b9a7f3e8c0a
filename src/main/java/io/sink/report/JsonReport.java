package io.sink.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;

/** The report as one JSON document, written as the run goes, so that it takes no memory. */
public final class JsonReport implements RunListener {
    private final JsonGenerator json;
    private final Writer out;

    /** @param out where the document goes; flushed at the end, never closed */
    public JsonReport(Writer out) {
        this.out = out;
        try {
            this.json = VisibleJson.FACTORY.createGenerator(out).useDefaultPrettyPrinter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void started(RunHeader header) {
        write(() -> {
            json.writeStartObject();
            ReportFields.header(json, header);
            json.writeArrayFieldStart("tables");
        });
    }

    @Override
    public void table(TableReport report) {
        write(() -> {
            json.writeStartObject();
            ReportFields.table(json, report);
            json.writeEndObject();
            // Flushed, so that it is written whatever ends the process.
            json.flush();
        });
    }

    @Override
    public void ended(RunSummary summary) {
        write(() -> {
            json.writeEndArray();
            ReportFields.summary(json, summary);
            json.writeEndObject();
            json.flush();
            out.write(System.lineSeparator());
            out.flush();
        });
    }

    private interface Writing {
        void run() throws IOException;
    }

    private static void write(Writing writing) {
        try {
            writing.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
