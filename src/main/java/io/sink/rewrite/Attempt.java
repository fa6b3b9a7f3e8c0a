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
 * @param level what is proved of the files that are written
 */
public record Attempt(Table table, String operationId, Footers footers, long memory, ProofLevel level) {
    private static final int FOOTERS = 8;

    /** A new attempt, with an operation id of its own. */
    public static Attempt of(Table table, String runId, Footers footers, long memory) {
        return new Attempt(table, runId + "-" + UUID.randomUUID(), footers, memory, ProofLevel.COUNTS);
    }

    /** The same attempt, of which more or less is proved. */
    public Attempt proving(ProofLevel wanted) {
        return new Attempt(table, operationId, footers, memory, wanted);
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
