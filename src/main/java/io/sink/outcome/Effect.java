package io.sink.outcome;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** A flat, immutable record of counters; a counter that was never raised is zero. */
public final class Effect {

    /** Nothing happened. */
    public static final Effect NONE = new Effect(new EnumMap<>(Counter.class));

    private static final Set<Counter> FILES_DELETED = Set.of(
            Counter.DATA_FILES_DELETED,
            Counter.DELETE_FILES_DELETED,
            Counter.MANIFESTS_DELETED,
            Counter.MANIFEST_LISTS_DELETED,
            Counter.STATISTICS_FILES_DELETED,
            Counter.METADATA_FILES_DELETED,
            Counter.ORPHAN_FILES_DELETED);

    private final Map<Counter, Long> counts;

    private Effect(EnumMap<Counter, Long> counts) {
        this.counts = Collections.unmodifiableMap(counts);
    }

    /** An effect with this counter alone. */
    public static Effect of(Counter counter, long count) {
        return NONE.plus(counter, count);
    }

    /** This effect with one counter raised by {@code count}. */
    public Effect plus(Counter counter, long count) {
        if (count == 0) {
            return this;
        }
        EnumMap<Counter, Long> sum = new EnumMap<>(Counter.class);
        sum.putAll(counts);
        sum.merge(counter, count, Long::sum);
        return new Effect(sum);
    }

    /** The sum of both effects. */
    public Effect plus(Effect other) {
        EnumMap<Counter, Long> sum = new EnumMap<>(Counter.class);
        sum.putAll(counts);
        other.counts.forEach((counter, count) -> sum.merge(counter, count, Long::sum));
        return new Effect(sum);
    }

    /** The value of a counter; 0 if it was never raised. */
    public long get(Counter counter) {
        return counts.getOrDefault(counter, 0L);
    }

    /** Files deleted, of every kind. */
    public long filesDeleted() {
        return FILES_DELETED.stream().mapToLong(this::get).sum();
    }

    /** The counters that are not zero, in published order. */
    public Map<Counter, Long> counts() {
        return counts;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Effect that && counts.equals(that.counts);
    }

    @Override
    public int hashCode() {
        return counts.hashCode();
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
