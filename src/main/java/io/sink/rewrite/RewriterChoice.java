package io.sink.rewrite;

import io.sink.text.Human;

/**
 * How a group is rewritten, and why.
 *
 * @param byPages whether its pages are merged; else its rows are read as records
 * @param why the reason, as one phrase for the plan and the report
 */
public record RewriterChoice(boolean byPages, String why) {
    /**
     * The cheapest way that is allowed and fits in memory.
     *
     * @param memory bytes that the rewrite may take
     */
    public static RewriterChoice of(FileGroup group, long memory) {
        if (group.notByPage() != null) {
            return new RewriterChoice(false, group.notByPage());
        }
        return group.footprint().leastByPages() > memory
                ? new RewriterChoice(
                        false,
                        "a column chunk of " + Human.bytes(group.footprint().chunk())
                                + " does not fit in memory four times; raise -Xmx")
                : new RewriterChoice(true, "columns match by field id, and rows keep their order");
    }

    /** The name that plan and report give to the rewriter. */
    public String rewriter() {
        return byPages ? PageRewriter.NAME : RecordRewriter.NAME;
    }
}
