package io.sink.compact;

import io.sink.compact.RewriterChoice.Rewriters;
import org.apache.iceberg.Table;

final class PageRewriterTest extends GroupRewriterContract {
    @Override
    GroupRewriter rewriter(Table table) {
        return new Chosen(new Rewriters(new PageRewriter(table, "run"), new RecordRewriter(table, "run", 20_000)));
    }

    /** The choice that a run makes for each group. */
    private record Chosen(Rewriters rewriters) implements GroupRewriter {
        @Override
        public String name() {
            return "chosen";
        }

        @Override
        public RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop) {
            return RewriterChoice.of(group, rewriters).rewriter().rewrite(group, staging, stop);
        }
    }
}
