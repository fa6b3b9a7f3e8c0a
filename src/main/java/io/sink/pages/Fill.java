package io.sink.pages;

/** What a column holds in rows for which a file stores nothing. */
public sealed interface Fill {
    /** Nulls. */
    record Nulls() implements Fill {}

    /**
     * One value.
     *
     * @param value as Parquet's writers take it: Boolean, Integer, Long, Float, Double or Binary, by the column's type
     */
    record Constant(Object value) implements Fill {}

    /**
     * Consecutive numbers.
     *
     * @param first the number of the file's first row
     */
    record Counting(long first) implements Fill {}
}
