package io.sink.rewrite;

import org.apache.iceberg.Table;

final class RecordRewriterTest extends GroupRewriterContract {
    @Override
    GroupRewriter rewriter(Table table) {
        // Little memory, so that sorting spills.
        return new RecordRewriter(Attempt.of(table, "run", 4 * 20_000));
    }
}
