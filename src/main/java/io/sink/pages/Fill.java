package io.sink.pages;

/** The values of a column in rows for which a file stores none. */
public sealed interface Fill {
    /** Nulls. */
    record Nulls() implements Fill {}

    /**
     * One value.
     *
     * @param value a Boolean, Integer, Long, Float, Double or Binary, as Parquet's writers take it for the column
     */
    record Constant(Object value) implements Fill {}

    /**
     * Consecutive numbers.
     *
     * @param first the value for the first row of the file
     */
    record Counting(long first) implements Fill {}
}
