package io.sink.verify;

/**
 * What is to be verified of a table.
 *
 * @param rows the snapshots whose rows are read
 */
public record VerifyPolicy(Rows rows) {

    /** Which snapshots have their rows read. */
    public enum Rows {
        /** None: files and counts alone. */
        NONE,
        /** The current one of {@code main}. */
        CURRENT,
        /** Those that a branch or a tag points to. */
        REFS,
        /** Every one. */
        ALL
    }
}
