package io.sink.rewrite;

import io.sink.columns.DifferentEntriesException;
import io.sink.columns.WrittenChunk;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a manifest will say of a column of a file with what was found in its chunks: numbers of entries, nulls
 * and NaN values, and bounds, by which readers leave files out. A manifest may say less, and its bounds may be wider.
 */
final class ManifestClaims {
    private final DataFile file;
    private final int id;
    private final Type type;
    private final String where;

    /**
     * @param id the field id of the column
     * @param type its type in the table
     * @param where names the column and the file
     */
    ManifestClaims(DataFile file, int id, Type type, String where) {
        this.file = file;
        this.id = id;
        this.type = type;
        this.where = where;
    }

    /** @throws DifferentEntriesException if the manifest would say something else */
    void require(List<WrittenChunk> chunks) {
        long entries = 0;
        long nulls = 0;
        long nans = 0;
        for (WrittenChunk chunk : chunks) {
            Statistics<?> said = chunk.claims().getStatistics();
            entries += chunk.claims().getValueCount();
            nulls = nulls < 0 || said == null || !said.isNumNullsSet() ? -1 : nulls + said.getNumNulls();
            nans = nans < 0 || chunk.nans() < 0 ? -1 : nans + chunk.nans();
            Statistics<?> bounds = chunk.bounds();
            if (bounds != null && bounds.hasNonNullValue()) {
                require(bounds);
            }
        }
        require("entries", file.valueCounts(), entries);
        if (nulls >= 0) {
            require("nulls", file.nullValueCounts(), nulls);
        }
        if (nans >= 0) {
            require("NaN values", file.nanValueCounts(), nans);
        }
    }

    private void require(String what, @Nullable Map<Integer, Long> said, long found) {
        Long count = said == null ? null : said.get(id);
        if (count != null && count != found) {
            throw new DifferentEntriesException(
                    found + " " + what + " in " + where + ", and its manifest would say " + count);
        }
    }

    private void require(Statistics<?> bounds) {
        Object lower = bound(file.lowerBounds());
        Object upper = bound(file.upperBounds());
        Object least = bounds.genericGetMin();
        Object most = bounds.genericGetMax();
        boolean within = (lower == null || compare(lower, least) <= 0) && (upper == null || compare(upper, most) >= 0);
        if (!within
                && !(lower instanceof byte[] low && upper instanceof byte[] high && signed(low, high, least, most))) {
            throw new DifferentEntriesException("%s has values from %s to %s, and its manifest would say %s to %s"
                    .formatted(where, bounds.minAsString(), bounds.maxAsString(), lower, upper));
        }
    }

    /**
     * Whether the bounds of UUIDs hold in Java's order, in which Iceberg adds up those of row groups: by signed
     * numbers.
     */
    private boolean signed(byte[] lower, byte[] upper, Object least, Object most) {
        if (type.typeId() != TypeID.UUID) {
            return false;
        }
        return Stream.of(least, most).map(value -> ((Binary) value).getBytes()).allMatch(value -> {
            boolean notBelow = Arrays.compareUnsigned(flipped(lower), flipped(value)) <= 0;
            return notBelow && Arrays.compareUnsigned(flipped(upper), flipped(value)) >= 0;
        });
    }

    private static byte[] flipped(byte[] uuid) {
        byte[] flipped = uuid.clone();
        flipped[0] ^= Byte.MIN_VALUE;
        flipped[Long.BYTES] ^= Byte.MIN_VALUE;
        return flipped;
    }

    private @Nullable Object bound(@Nullable Map<Integer, ByteBuffer> bounds) {
        ByteBuffer bound = bounds == null ? null : bounds.get(id);
        return bound == null
                ? null
                : switch (type.typeId()) {
                    case INTEGER, LONG, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO ->
                        number(bound.duplicate().order(ByteOrder.LITTLE_ENDIAN));
                    case DECIMAL -> new BigInteger(bytes(bound));
                    case FLOAT, DOUBLE -> ((Number) Conversions.fromByteBuffer(type, bound.duplicate())).doubleValue();
                    case STRING, BINARY, FIXED, UUID -> bytes(bound);
                    case BOOLEAN -> Conversions.<Object>fromByteBuffer(type, bound.duplicate());
                    default -> null;
                };
    }

    private static BigInteger number(ByteBuffer bytes) {
        return BigInteger.valueOf(bytes.remaining() == Integer.BYTES ? bytes.getInt() : bytes.getLong());
    }

    private static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.duplicate().get(bytes);
        return bytes;
    }

    /** Compares a bound of a manifest with a value of a chunk. */
    private int compare(Object bound, Object value) {
        if (bound instanceof Double real) {
            double other = ((Number) value).doubleValue();
            return real == other ? 0 : Double.compare(real, other);
        }
        if (bound instanceof BigInteger number) {
            return number.compareTo(
                    value instanceof Binary unscaled
                            ? new BigInteger(unscaled.getBytes())
                            : BigInteger.valueOf(((Number) value).longValue()));
        }
        if (bound instanceof Boolean truth) {
            return truth.compareTo((Boolean) value);
        }
        // What is no UTF-8 stands in a manifest as Iceberg read it, with characters in place of the bytes.
        byte[] bytes = type.typeId() == TypeID.STRING
                ? ((Binary) value).toStringUsingUTF8().getBytes(StandardCharsets.UTF_8)
                : ((Binary) value).getBytes();
        return Arrays.compareUnsigned((byte[]) bound, bytes);
    }
}
