package io.sink.rewrite;

import java.util.UUID;
import org.apache.iceberg.Table;

/**
 * What one attempt to rewrite one group works with.
 *
 * @param table the table as it was planned; its properties say how and where files are written
 * @param operationId part of the name of every file written, unique to the attempt: Parquet writers overwrite, a run id
 *     can recur, two tables can write to one folder, and an engine can try twice
 * @param footers footers that were read before
 * @param memory bytes that the attempt may take
 */
public record Attempt(Table table, String operationId, Footers footers, long memory) {
    private static final int FOOTERS = 8;

    /** A new attempt, with an operation id of its own. */
    public static Attempt of(Table table, String runId, Footers footers, long memory) {
        return new Attempt(table, runId + "-" + UUID.randomUUID(), footers, memory);
    }

    /** A new attempt that knows no footers yet. */
    public static Attempt of(Table table, String runId, long memory) {
        return of(table, runId, new Footers(memory / FOOTERS), memory);
    }

    /** Bytes that a row group may have: it is held in memory several times while it is written. */
    long rowGroupSize() {
        return memory / 4;
    }
}
