package io.sink.columns;

import java.util.Arrays;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * The least and largest value of a chunk and of each of its pages, from the values themselves. NaN is left out, as
 * readers leave it out of bounds.
 */
final class FoundValues {
    private static final int[] NONE = {};

    private final PrimitiveType type;
    private final boolean byBytes;
    private final @Nullable BloomFilter bloom;
    private final String where;
    private final Statistics<?> all;
    private Statistics<?> ofPage;
    private byte @Nullable [] least;
    private byte @Nullable [] most;
    private int page = 1;
    private @Nullable Dictionary dictionary;
    /** For each id of the dictionary, the last page that had it. */
    private int[] seen = NONE;

    /** The values of the dictionary, if they are whole numbers. */
    private long[] keys = {};

    /** Which values of the dictionary are NaN, if it has numbers that can be. */
    private boolean[] nanKeys = {};

    private long nans;

    /**
     * @param bloom must have every value; null if there is none
     * @param where names the column and the file
     */
    FoundValues(PrimitiveType type, @Nullable BloomFilter bloom, String where) {
        this.type = type;
        this.byBytes = !(type.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation);
        this.bloom = bloom;
        this.where = where;
        this.all = Statistics.createStats(type);
        this.ofPage = Statistics.createStats(type);
    }

    /** The bounds of the page that is being added. */
    Statistics<?> ofPage() {
        return ofPage;
    }

    /** The bounds of all pages that have ended. */
    Statistics<?> all() {
        return all;
    }

    /** How many values were NaN. */
    long nans() {
        return nans;
    }

    void endPage() {
        all.mergeStatistics(ofPage);
        ofPage = Statistics.createStats(type);
        least = null;
        most = null;
        page++;
    }

    /**
     * Adds values: ids from {@code value} on, or plain ones between two positions.
     *
     * @throws DifferentEntriesException if one is not in the Bloom filter
     */
    void add(Values of, int value, int present, int at, int behind) {
        int[] ids = of.ids();
        Dictionary entries = of.dictionary();
        if (ids == null || entries == null) {
            add(of.plain(), at, behind);
            if (isReal()) {
                nans += nans(of.plain(), at, behind);
            }
            return;
        }
        boolean numbers = bloom == null && isInteger();
        if (entries != dictionary) {
            dictionary = entries;
            seen = numbers ? NONE : new int[entries.count()];
            keys = numbers ? numbers(entries) : new long[0];
            nanKeys = isReal() ? nans(entries) : new boolean[0];
        }
        if (numbers) {
            addNumbers(ids, value, value + present);
        } else {
            addAny(ids, value, value + present, entries);
        }
        if (isReal()) {
            for (int i = value; i < value + present; i++) {
                nans += nanKeys[ids[i]] ? 1 : 0;
            }
        }
    }

    private boolean isInteger() {
        return type.getPrimitiveTypeName() == PrimitiveTypeName.INT32
                || type.getPrimitiveTypeName() == PrimitiveTypeName.INT64;
    }

    private boolean isReal() {
        return type.getPrimitiveTypeName() == PrimitiveTypeName.FLOAT
                || type.getPrimitiveTypeName() == PrimitiveTypeName.DOUBLE;
    }

    private boolean[] nans(Dictionary entries) {
        boolean[] are = new boolean[entries.count()];
        for (int id = 0; id < are.length; id++) {
            are[id] = nans(entries.plain(), entries.from(id), entries.until(id)) > 0;
        }
        return are;
    }

    private int nans(byte[] plain, int from, int until) {
        boolean single = type.getPrimitiveTypeName() == PrimitiveTypeName.FLOAT;
        int count = 0;
        for (int at = from; at < until; at += single ? Float.BYTES : Double.BYTES) {
            boolean is = single
                    ? Float.isNaN(Float.intBitsToFloat(PlainBytes.number32(plain, at)))
                    : Double.isNaN(Double.longBitsToDouble(PlainBytes.number64(plain, at)));
            count += is ? 1 : 0;
        }
        return count;
    }

    private long[] numbers(Dictionary entries) {
        boolean ints = type.getPrimitiveTypeName() == PrimitiveTypeName.INT32;
        long[] numbers = new long[entries.count()];
        for (int id = 0; id < numbers.length; id++) {
            numbers[id] = ints
                    ? PlainBytes.number32(entries.plain(), entries.from(id))
                    : PlainBytes.number64(entries.plain(), entries.from(id));
        }
        return numbers;
    }

    private void addNumbers(int[] ids, int from, int until) {
        long[] all = keys;
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (int i = from; i < until; i++) {
            long number = all[ids[i]];
            if (number < low) {
                low = number;
            }
            if (number > high) {
                high = number;
            }
        }
        if (from < until && type.getPrimitiveTypeName() == PrimitiveTypeName.INT32) {
            ofPage.updateStats((int) low);
            ofPage.updateStats((int) high);
        } else if (from < until) {
            ofPage.updateStats(low);
            ofPage.updateStats(high);
        }
    }

    private void addAny(int[] ids, int from, int until, Dictionary entries) {
        int[] marks = seen;
        int now = page;
        for (int i = from; i < until; i++) {
            int id = ids[i];
            if (marks[id] != now) {
                marks[id] = now;
                add(entries.plain(), entries.from(id), entries.until(id));
            }
        }
    }

    private void add(byte[] plain, int from, int until) {
        switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> {
                for (int at = from; at < until; at++) {
                    ofPage.updateStats(plain[at] != 0);
                }
            }
            case INT32 -> addInts(plain, from, until);
            case INT64 -> addLongs(plain, from, until);
            case FLOAT -> addFloats(plain, from, until);
            case DOUBLE -> addDoubles(plain, from, until);
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
        if (bloom != null) {
            requireInBloom(bloom, plain, from, until);
        }
    }

    /** Columns of the output have no unsigned integers. */
    private void addInts(byte[] plain, int from, int until) {
        int low = Integer.MAX_VALUE;
        int high = Integer.MIN_VALUE;
        for (int at = from; at < until; at += Integer.BYTES) {
            int value = PlainBytes.number32(plain, at);
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        if (from < until) {
            ofPage.updateStats(low);
            ofPage.updateStats(high);
        }
    }

    private void addLongs(byte[] plain, int from, int until) {
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (int at = from; at < until; at += Long.BYTES) {
            long value = PlainBytes.number64(plain, at);
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        if (from < until) {
            ofPage.updateStats(low);
            ofPage.updateStats(high);
        }
    }

    private void addFloats(byte[] plain, int from, int until) {
        for (int at = from; at < until; at += Float.BYTES) {
            float value = Float.intBitsToFloat(PlainBytes.number32(plain, at));
            if (!Float.isNaN(value)) {
                ofPage.updateStats(value);
            }
        }
    }

    private void addDoubles(byte[] plain, int from, int until) {
        for (int at = from; at < until; at += Double.BYTES) {
            double value = Double.longBitsToDouble(PlainBytes.number64(plain, at));
            if (!Double.isNaN(value)) {
                ofPage.updateStats(value);
            }
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
        ofPage.updateStats(Binary.fromReusedByteArray(plain, at, length));
        least = ofPage.getMinBytes();
        most = ofPage.getMaxBytes();
    }

    private void requireInBloom(BloomFilter filter, byte[] plain, int from, int until) {
        for (int at = from; at < until; ) {
            int behind = Values.behind(plain, at, until, 1, type);
            long hash = switch (type.getPrimitiveTypeName()) {
                case INT32 -> filter.hash(PlainBytes.number32(plain, at));
                case INT64 -> filter.hash(PlainBytes.number64(plain, at));
                case FLOAT -> filter.hash(Float.intBitsToFloat(PlainBytes.number32(plain, at)));
                case DOUBLE -> filter.hash(Double.longBitsToDouble(PlainBytes.number64(plain, at)));
                case BINARY -> filter.hash(Binary.fromReusedByteArray(plain, at + 4, behind - at - 4));
                default -> filter.hash(Binary.fromReusedByteArray(plain, at, behind - at));
            };
            if (!filter.findHash(hash)) {
                throw new DifferentEntriesException("a value of " + where + " is not in its Bloom filter");
            }
            at = behind;
        }
    }
}
