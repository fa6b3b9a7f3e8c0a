package io.sink.pages;

import org.jspecify.annotations.Nullable;

/** Where the values of one output column come from, for one source file. */
public sealed interface Origin {
    /**
     * A column of the file.
     *
     * @param fill what replaces its nulls; null where nothing does
     */
    record Stored(StoredLeaf leaf, @Nullable Fill fill) implements Origin {}

    /** No column of the file: every row has this. */
    record Generated(Fill fill) implements Origin {}

    /**
     * The file's own values for the output's leaf of this number.
     *
     * @param fill what replaces nulls, and stands for the column where the file lacks it; null: nulls stay
     */
    static Origin of(SchemaMatch match, int number, @Nullable Fill fill) {
        StoredLeaf leaf = match.leaf(number);
        return leaf == null ? new Generated(fill == null ? new Fill.Nulls() : fill) : new Stored(leaf, fill);
    }
}
