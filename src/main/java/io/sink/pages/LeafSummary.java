package io.sink.pages;

import java.util.Arrays;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/** Counts and bounds of all values of one leaf column in an output. */
public final class LeafSummary {
    private final PrimitiveType type;
    private long values;
    private long nulls;
    private long nans;
    private @Nullable Comparable<?> lowest;
    private @Nullable Comparable<?> highest;
    private byte @Nullable [] lower;
    private byte @Nullable [] upper;
    private boolean open;
    private boolean footerSaysLess;

    LeafSummary(PrimitiveType type) {
        this.type = type;
    }

    /** The column's type in the output. */
    public PrimitiveType type() {
        return type;
    }

    /** The number of entries, nulls included. */
    public long values() {
        return values;
    }

    /** The number of entries without a value, as Parquet counts them. */
    public long nulls() {
        return nulls;
    }

    /** The number of NaN values; 0 in columns that are not floating-point numbers. */
    public long nans() {
        return nans;
    }

    /** A lower bound, as Float or Double, of the values that are not NaN; null if there are none. */
    public @Nullable Comparable<?> lowest() {
        return lowest;
    }

    /** An upper bound, as Float or Double, of the values that are not NaN; null if there are none. */
    public @Nullable Comparable<?> highest() {
        return highest;
    }

    /** A lower bound of binary values, possibly truncated; null if unknown. */
    public byte @Nullable [] lower() {
        return open ? null : lower;
    }

    /** An upper bound of binary values, possibly truncated and rounded up; null if unknown. */
    public byte @Nullable [] upper() {
        return open ? null : upper;
    }

    /** Whether {@link #lower} and {@link #upper} say more than the footer's statistics, which omit long bounds. */
    public boolean footerSaysLess() {
        return footerSaysLess;
    }

    void add(LeafSummary other) {
        values += other.values;
        nulls += other.nulls;
        nans += other.nans;
        open |= other.open;
        footerSaysLess |= other.footerSaysLess;
        if (other.lowest != null && other.highest != null) {
            range(other.lowest, other.highest);
        }
        if (other.lower != null && other.upper != null) {
            bounds(other.lower, other.upper);
        }
    }

    void count(long moreValues, long moreNulls) {
        values += moreValues;
        nulls += moreNulls;
    }

    void nan() {
        nans++;
    }

    /** Adds the bounds of statistics; they are valid, but may be truncated. */
    void bounds(@Nullable Statistics<?> statistics) {
        if (statistics == null || !statistics.hasNonNullValue()) {
            return;
        }
        switch (type.getPrimitiveTypeName()) {
            case FLOAT, DOUBLE ->
                range((Comparable<?>) statistics.genericGetMin(), (Comparable<?>) statistics.genericGetMax());
            case BINARY -> bounds(statistics.getMinBytes(), statistics.getMaxBytes());
            default -> {}
        }
    }

    /** Notes that there are values without a known bound. */
    void open() {
        open = true;
    }

    void footerWillSayLess() {
        footerSaysLess = true;
    }

    void range(Comparable<?> low, Comparable<?> high) {
        if (lowest == null || compare(low, lowest) < 0) {
            lowest = low;
        }
        if (highest == null || compare(high, highest) > 0) {
            highest = high;
        }
    }

    private void bounds(byte[] low, byte[] high) {
        if (lower == null || Arrays.compareUnsigned(low, lower) < 0) {
            lower = low;
        }
        if (upper == null || Arrays.compareUnsigned(high, upper) > 0) {
            upper = high;
        }
    }

    private static int compare(Comparable<?> one, Comparable<?> other) {
        return one instanceof Float
                ? Float.compare((Float) one, (Float) other)
                : Double.compare((Double) one, (Double) other);
    }
}
