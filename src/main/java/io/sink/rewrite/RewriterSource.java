package io.sink.rewrite;

import java.io.Serializable;

/** Makes the rewriter for one attempt at one group. */
@FunctionalInterface
public interface RewriterSource extends Serializable {
    /** The rewriters of this program. */
    RewriterSource STANDARD =
            (choice, attempt) -> choice.byPages() ? new PageRewriter(attempt) : new RecordRewriter(attempt);

    /** Makes a rewriter, which is used once. */
    GroupRewriter rewriter(RewriterChoice choice, Attempt attempt);
}
