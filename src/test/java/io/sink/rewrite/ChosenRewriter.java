package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.testing.Attempts;
import org.apache.iceberg.Table;

/** Rewrites each group as a run would: by its pages where that is legal, else by records. */
public record ChosenRewriter(Table table) implements GroupRewriter {
    /** Little memory for sorting, so that it spills. */
    private static final long LITTLE = 80_000;

    /** For the groups of this table. */
    public static ChosenRewriter of(Table table) {
        return new ChosenRewriter(table);
    }

    @Override
    public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
        RewriterChoice choice = RewriterChoice.of(group, Long.MAX_VALUE);
        Attempt attempt = Attempt.of(table, "run", choice.byPages() ? Attempts.MEMORY : LITTLE)
                .proving(ProofLevel.COLUMNS);
        return RewriterSource.STANDARD.rewriter(choice, attempt).rewrite(group, staging, stop);
    }
}
