package io.sink.rewrite;

/**
 * The rewriter for a group, and why it is this one.
 *
 * @param why one phrase for the plan and the report
 */
public record RewriterChoice(GroupRewriter rewriter, String why) {
    /**
     * The rewriters of one table and run.
     *
     * @param pages may do what {@link FileGroup#notByPage} does not speak against
     * @param records may do all
     */
    public record Rewriters(GroupRewriter pages, GroupRewriter records) {
        /** One rewriter for every group. */
        public static Rewriters only(GroupRewriter rewriter) {
            return new Rewriters(rewriter, rewriter);
        }
    }

    /** Picks the cheapest rewriter that may do the group. */
    public static RewriterChoice of(FileGroup group, Rewriters rewriters) {
        return group.notByPage() == null
                ? new RewriterChoice(rewriters.pages(), "columns match by field id, and rows keep their order")
                : new RewriterChoice(rewriters.records(), group.notByPage());
    }
}
