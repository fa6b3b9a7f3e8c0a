package io.sink.columns;

import io.sink.columns.ChunkWalk.Page;
import java.util.Arrays;
import java.util.Comparator;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a footer claims of a chunk with what its entries are: nulls, least and largest value. Bounds may be as wide as those of the sources, and not narrower than the values.
 */
final class Claims {
    private final PrimitiveType type;
    private final Statistics<?> values;
    private @Nullable Dictionary dictionary;
    private boolean[] used = {};
    private long nulls;
    private boolean nullsKnown = true;
    private boolean copied;
    private final Statistics<?> limits;
    private boolean limited = true;
    private final boolean byBytes;
    private byte @Nullable [] least;
    private byte @Nullable [] most;

    Claims(PrimitiveType type) {
        this.type = type;
        this.values = Statistics.createStats(type);
        this.limits = Statistics.createStats(type);
        this.byBytes = !(type.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation);
    }

    /** Adds entries that were decoded. */
    void add(Block block) {
        int present = block.present();
        nulls += block.entries() - present;
        Values of = block.values();
        int[] ids = of.ids();
        Dictionary entries = of.dictionary();
        if (ids != null && entries != null) {
            if (entries != dictionary) {
                addUsed();
                dictionary = entries;
                used = new boolean[entries.count()];
            }
            boolean[] all = used;
            for (int i = 0; i < present; i++) {
                all[ids[i]] = true;
            }
            return;
        }
        add(of.plain(), of.from(), of.until());
    }

    private void addUsed() {
        Dictionary of = dictionary;
        for (int id = 0; of != null && id < used.length; id++) {
            if (used[id]) {
                add(of.plain(), of.from(id), of.until(id));
            }
        }
    }

    /** Adds plain values; columns of the output have no unsigned integers. */
    private void add(byte[] plain, int from, int until) {
        switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> {
                for (int at = from; at < until; at++) {
                    values.updateStats(plain[at] != 0);
                }
            }
            case INT32 -> {
                int low = Integer.MAX_VALUE;
                int high = Integer.MIN_VALUE;
                for (int at = from; at < until; at += 4) {
                    int value = PlainBytes.number32(plain, at);
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
                if (from < until) {
                    values.updateStats(low);
                    values.updateStats(high);
                }
            }
            case FLOAT -> {
                for (int at = from; at < until; at += 4) {
                    values.updateStats(Float.intBitsToFloat(PlainBytes.number32(plain, at)));
                }
            }
            case INT64 -> {
                long low = Long.MAX_VALUE;
                long high = Long.MIN_VALUE;
                for (int at = from; at < until; at += 8) {
                    long value = PlainBytes.number64(plain, at);
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
                if (from < until) {
                    values.updateStats(low);
                    values.updateStats(high);
                }
            }
            case DOUBLE -> {
                for (int at = from; at < until; at += 8) {
                    values.updateStats(Double.longBitsToDouble(PlainBytes.number64(plain, at)));
                }
            }
            case BINARY -> {
                for (int at = from; at < until; ) {
                    int length = PlainBytes.number32(plain, at);
                    addBytes(plain, at + 4, length);
                    at += 4 + length;
                }
            }
            case FIXED_LEN_BYTE_ARRAY -> {
                int width = type.getTypeLength();
                for (int at = from; at < until; at += width) {
                    addBytes(plain, at, width);
                }
            }
            case INT96 -> {}
        }
    }

    /** Adds a value of bytes, without an object for it if its order is that of its bytes and it is no new bound. */
    private void addBytes(byte[] plain, int at, int length) {
        byte[] low = least;
        byte[] high = most;
        if (byBytes && low != null && high != null) {
            boolean within = Arrays.compareUnsigned(plain, at, at + length, low, 0, low.length) >= 0
                    && Arrays.compareUnsigned(plain, at, at + length, high, 0, high.length) <= 0;
            if (within) {
                return;
            }
        }
        values.updateStats(Binary.fromReusedByteArray(plain, at, length));
        least = values.getMinBytes();
        most = values.getMaxBytes();
    }

    /** Adds a page that was copied from this chunk. */
    void copied(ColumnChunkMetaData from, Page page, boolean optional) {
        copied = true;
        Statistics<?> said = from.getStatistics();
        if (!optional) {
            return;
        }
        if (page.second()) {
            nulls += page.header().getData_page_header_v2().getNum_nulls();
        } else if (said == null || !said.isNumNullsSet()) {
            nullsKnown = false;
        } else if (said.getNumNulls() > 0) {
            nullsKnown &= page.entries() == from.getValueCount();
            nulls += said.getNumNulls();
        }
    }

    /** Adds what the footer of a source says of its values: where rows were deleted, bounds may stay as wide. */
    void source(@Nullable StoredColumn stored) {
        if (stored == null || !stored.unchanged()) {
            limited = false;
            return;
        }
        Statistics<?> said = stored.chunk().getStatistics();
        if (said != null && said.hasNonNullValue()) {
            limits.mergeStatistics(Statistics.getBuilderForReading(type)
                    .withMin(said.getMinBytes())
                    .withMax(said.getMaxBytes())
                    .withNumNulls(0)
                    .build());
        } else if (said == null
                || !said.isNumNullsSet()
                || said.getNumNulls() != stored.chunk().getValueCount()) {
            limited = false;
        }
    }

    /**
     * Compares the footer's claims.
     *
     * @return false if the values of pages that were copied have to be looked at: the bounds are others than those of
     *     the sources
     * @throws DifferentEntriesException if the footer claims something else
     */
    boolean require(ColumnChunkMetaData chunk, String where) {
        addUsed();
        Statistics<?> said = chunk.getStatistics();
        if (said == null || said.isEmpty()) {
            return true;
        }
        if (nullsKnown && said.isNumNullsSet() && said.getNumNulls() != nulls) {
            throw new DifferentEntriesException(
                    where + " has " + nulls + " nulls, and its footer counts " + said.getNumNulls());
        }
        if (!said.hasNonNullValue() || type.getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
            return true;
        }
        if (copied) {
            return limited
                    && limits.hasNonNullValue()
                    && order().compare(said.genericGetMin(), limits.genericGetMin()) == 0
                    && order().compare(said.genericGetMax(), limits.genericGetMax()) == 0;
        }
        require(said, where);
        return true;
    }

    /** Begins anew, with all pages to be decoded. */
    Claims again() {
        Claims again = new Claims(type);
        again.limits.mergeStatistics(limits);
        again.limited = limited;
        return again;
    }

    private void require(Statistics<?> said, String where) {
        if (!values.hasNonNullValue()) {
            throw new DifferentEntriesException(where + " has no values, and its footer has bounds of them");
        }
        Comparator<Object> order = order();
        int low = order.compare(said.genericGetMin(), values.genericGetMin());
        int high = order.compare(said.genericGetMax(), values.genericGetMax());
        boolean narrow = low > 0 || high < 0;
        boolean wide = limited
                && limits.hasNonNullValue()
                && (low < 0 && order.compare(said.genericGetMin(), limits.genericGetMin()) < 0
                        || high > 0 && order.compare(said.genericGetMax(), limits.genericGetMax()) > 0);
        if (narrow || wide) {
            throw new DifferentEntriesException("%s has values from %s to %s, and its footer says %s to %s"
                    .formatted(
                            where, values.minAsString(), values.maxAsString(), said.minAsString(), said.maxAsString()));
        }
    }

    /** The order of values, in which both zeros are the same: statistics may have either. */
    @SuppressWarnings("unchecked")
    private Comparator<Object> order() {
        Comparator<Object> order = (Comparator<Object>) (Comparator<?>) type.comparator();
        return (one, other) -> isZero(one) && isZero(other) ? 0 : order.compare(one, other);
    }

    private static boolean isZero(Object value) {
        return value instanceof Float real && real == 0 || value instanceof Double precise && precise == 0;
    }
}
