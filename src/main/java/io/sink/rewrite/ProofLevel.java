package io.sink.rewrite;

/** How much is proved of the written files before they are committed. */
public enum ProofLevel {
    /** Rows, and nulls per column. */
    COUNTS,
    /**
     * Counts, and every value: entry by entry in each column where pages are merged; else by an order-independent hash
     * of every row, which is found from the columns, or from records where columns do not show it.
     */
    COLUMNS,
    /** The same, and an order-independent fingerprint of every row as Iceberg reads it. */
    FULL
}
