package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.action.StoppedException;

/** Writes the live rows of a group into fewer files. Instances are used by several threads, one group each. */
public interface GroupRewriter {
    /**
     * Rewrites one group. On return the files written are complete and closed, and nothing refers to them yet. After an
     * exception some files may exist, all of them announced.
     *
     * @param staging told of every file before it is created
     * @throws StoppedException if the signal was raised
     */
    RewriteResult rewrite(FileGroup group, Staging staging, StopSignal stop);
}
