package io.sink.rewrite;

import java.util.UUID;
import org.apache.iceberg.Table;

/**
 * One attempt to rewrite one group: what it works with.
 *
 * @param table as it was planned; its properties say how files are written and where
 * @param operationId part of the name of every file written, which no other attempt has: Parquet writers overwrite, and
 *     a run id can come again, two tables can write to one folder, and an engine can try twice
 * @param footers that were read before
 * @param memory bytes that it may take
 */
public record Attempt(Table table, String operationId, Footers footers, long memory) {
    private static final int FOOTERS = 8;

    /** A new attempt, with a name of its own. */
    public static Attempt of(Table table, String runId, Footers footers, long memory) {
        return new Attempt(table, runId + "-" + UUID.randomUUID(), footers, memory);
    }

    /** A new attempt that knows no footers yet. */
    public static Attempt of(Table table, String runId, long memory) {
        return of(table, runId, new Footers(memory / FOOTERS), memory);
    }

    /** Bytes that a row group may have, which is held in memory several times while it is written. */
    long rowGroupSize() {
        return memory / 4;
    }
}
