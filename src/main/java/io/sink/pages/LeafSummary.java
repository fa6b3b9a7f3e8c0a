package io.sink.pages;

import java.util.Arrays;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/** What is known of all values of one leaf column in an output. */
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

    /** Entries, nulls included. */
    public long values() {
        return values;
    }

    /** Entries without a value, as Parquet counts them. */
    public long nulls() {
        return nulls;
    }

    /** NaN values; 0 in columns that are no floating-point numbers. */
    public long nans() {
        return nans;
    }

    /** The lowest Float or Double that is not NaN, or a lower one; null where there is none. */
    public @Nullable Comparable<?> lowest() {
        return lowest;
    }

    /** The highest Float or Double that is not NaN, or a higher one; null where there is none. */
    public @Nullable Comparable<?> highest() {
        return highest;
    }

    /** Bytes that no binary value is below; null where unknown. May be cut. */
    public byte @Nullable [] lower() {
        return open ? null : lower;
    }

    /** Bytes that no binary value is above; null where unknown. May be cut and rounded up. */
    public byte @Nullable [] upper() {
        return open ? null : upper;
    }

    /** Whether {@link #lower} and {@link #upper} say more than the footer's statistics, which leave long values out. */
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

    /** Takes over the bounds of statistics that are valid, whether cut or not. */
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

    /** There are values of which no bound is known. */
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
