package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.rewrite.RewriterChoice.Rewriters;
import org.apache.iceberg.Table;

/** Rewrites each group as a run would: by its pages where that is legal, else by records. */
public record ChosenRewriter(Rewriters rewriters) implements GroupRewriter {
    public static ChosenRewriter of(Table table) {
        // Little memory for sorting, so that it spills.
        return new ChosenRewriter(
                new Rewriters(new PageRewriter(table, "run", new Footers()), new RecordRewriter(table, "run", 20_000)));
    }

    @Override
    public String name() {
        return "chosen";
    }

    @Override
    public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
        return RewriterChoice.of(group, rewriters).rewriter().rewrite(group, staging, stop);
    }
}
