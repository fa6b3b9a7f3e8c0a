package io.sink.lineage;

import io.openlineage.client.OpenLineage.RunEvent;
import io.openlineage.client.OpenLineageClientUtils;
import io.sink.report.VisibleJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.function.Consumer;

/**
 * Writes each event as a line of JSON.
 *
 * @param out where the lines go, never closed
 */
public record LineageLines(Writer out) implements Consumer<RunEvent> {
    @Override
    public void accept(RunEvent event) {
        try {
            out.write(VisibleJson.of(OpenLineageClientUtils.toJson(event)) + "\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
