package io.sink.pages;

import org.jspecify.annotations.Nullable;

/** Where the values of one output column come from, for one source file. */
public sealed interface Origin {
    /**
     * A column of the file.
     *
     * @param leaf the column in the file
     * @param fill what replaces its nulls; null if they stay
     */
    record Stored(StoredLeaf leaf, @Nullable Fill fill) implements Origin {}

    /** The file does not store the column: all rows get this. */
    record Generated(Fill fill) implements Origin {}

    /**
     * The file's own values for the output's leaf column of this number.
     *
     * @param fill what replaces nulls, and the whole column if the file lacks it; null to keep nulls
     */
    static Origin of(SchemaMatch match, int number, @Nullable Fill fill) {
        StoredLeaf leaf = match.leaf(number);
        return leaf == null ? new Generated(fill == null ? new Fill.Nulls() : fill) : new Stored(leaf, fill);
    }
}
