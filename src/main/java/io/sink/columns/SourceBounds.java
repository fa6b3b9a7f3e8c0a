package io.sink.columns;

import java.util.Comparator;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/** The bounds that the footers of all sources of a chunk say together: where rows were deleted, they may stay. */
final class SourceBounds {
    private final Statistics<?> bounds;
    private final Comparator<Object> order;
    private boolean known = true;

    /** @param order that of the values */
    SourceBounds(PrimitiveType type, Comparator<Object> order) {
        this.bounds = Statistics.createStats(type);
        this.order = order;
    }

    /** Adds a source; null if it has no column of which bounds could be known. */
    void add(@Nullable StoredColumn stored) {
        if (stored == null || !stored.unchanged()) {
            known = false;
            return;
        }
        Statistics<?> said = stored.chunk().getStatistics();
        if (said != null && Claims.bounded(said)) {
            bounds.mergeStatistics(Claims.bounds(bounds.type(), said.getMinBytes(), said.getMaxBytes()));
        } else if (said == null
                || !said.isNumNullsSet()
                || said.getNumNulls() != stored.chunk().getValueCount()) {
            known = false;
        }
    }

    /** Whether these are the bounds. */
    boolean are(Statistics<?> said) {
        return known()
                && order.compare(said.genericGetMin(), bounds.genericGetMin()) == 0
                && order.compare(said.genericGetMax(), bounds.genericGetMax()) == 0;
    }

    /** Whether the lower bound is known, and higher than this. */
    boolean beginAfter(Object low) {
        return known() && order.compare(low, bounds.genericGetMin()) < 0;
    }

    /** Whether the upper bound is known, and lower than this. */
    boolean endBefore(Object high) {
        return known() && order.compare(high, bounds.genericGetMax()) > 0;
    }

    private boolean known() {
        return known && bounds.hasNonNullValue();
    }
}
