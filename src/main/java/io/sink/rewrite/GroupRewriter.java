package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.action.StoppedException;

/** Writes the live rows of a group into fewer files. Instances are used by several threads, one group each. */
public interface GroupRewriter {
    /**
     * Rewrites one group. The files written are complete and closed on return, and nothing refers to them yet; on an
     * exception some may exist, all of them announced.
     *
     * @throws StoppedException if the signal was raised
     */
    RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop);
}
