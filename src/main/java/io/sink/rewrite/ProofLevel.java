package io.sink.rewrite;

/** How much is proved of the written files before they are committed. */
public enum ProofLevel {
    /** Rows, and nulls per column. */
    COUNTS,
    /**
     * Counts, and every value: entry by entry in each column where rows keep the order of their files, else by the
     * fingerprint of every row.
     */
    COLUMNS,
    /** Counts, and an order-independent fingerprint of every row. */
    FULL
}
