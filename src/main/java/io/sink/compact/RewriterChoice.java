package io.sink.compact;

/**
 * The rewriter for a group, and why it is this one.
 *
 * @param why one phrase for the plan and the report
 */
record RewriterChoice(GroupRewriter rewriter, String why) {
    /** Picks the cheapest rewriter that may do the group. For now there is one, which may do all. */
    static RewriterChoice of(FileGroup group, GroupRewriter record) {
        return new RewriterChoice(
                record,
                group.repartition()
                        ? "rows move to partitions of the current spec"
                        : "every row can be read and written");
    }
}
