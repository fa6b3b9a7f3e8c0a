package io.sink.columns;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** What a value of a column becomes in a column of a wider type, in plain encoding. */
enum Widening {
    NONE,
    SIGNED,
    UNSIGNED,
    TIMESTAMP,
    REAL,
    DECIMAL;

    private static final long JULIAN_1970 = 2_440_588;

    /**
     * @throws DifferentEntriesException if values of one type are not values of the other: a scale, a unit or a sign
     *     would be lost
     */
    static Widening of(PrimitiveType from, PrimitiveType to) {
        LogicalTypeAnnotation said = from.getLogicalTypeAnnotation();
        LogicalTypeAnnotation wanted = to.getLogicalTypeAnnotation();
        // Some writers give every column a length.
        boolean same = from.getPrimitiveTypeName() == to.getPrimitiveTypeName()
                && (from.getPrimitiveTypeName() != PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
                        || from.getTypeLength() == to.getTypeLength());
        boolean decimals = said instanceof DecimalLogicalTypeAnnotation;
        if (decimals || wanted instanceof DecimalLogicalTypeAnnotation) {
            boolean scales = decimals
                    && wanted instanceof DecimalLogicalTypeAnnotation other
                    && other.getScale() == ((DecimalLogicalTypeAnnotation) said).getScale();
            return require(scales ? same ? NONE : DECIMAL : null, from, to);
        }
        if (from.getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
            return require(
                    same
                            ? NONE
                            : "MICROS".equals(unit(wanted)) && wanted instanceof TimestampLogicalTypeAnnotation
                                    ? TIMESTAMP
                                    : null,
                    from,
                    to);
        }
        boolean unsigned =
                said instanceof IntLogicalTypeAnnotation number && !number.isSigned() && number.getBitWidth() >= 32;
        if (!java.util.Objects.equals(unit(said), unit(wanted))) {
            return require(null, from, to);
        }
        if (from.getPrimitiveTypeName() == PrimitiveTypeName.INT32
                && to.getPrimitiveTypeName() == PrimitiveTypeName.INT64) {
            return unsigned ? UNSIGNED : SIGNED;
        }
        if (from.getPrimitiveTypeName() == PrimitiveTypeName.FLOAT
                && to.getPrimitiveTypeName() == PrimitiveTypeName.DOUBLE) {
            return REAL;
        }
        return require(same && !unsigned ? NONE : null, from, to);
    }

    private static Widening require(@Nullable Widening found, PrimitiveType from, PrimitiveType to) {
        if (found == null) {
            throw new DifferentEntriesException("values of type " + from + " are no values of type " + to);
        }
        return found;
    }

    private static @Nullable String unit(@Nullable LogicalTypeAnnotation said) {
        return said instanceof TimestampLogicalTypeAnnotation moment
                ? moment.getUnit().name()
                : said instanceof TimeLogicalTypeAnnotation time
                        ? time.getUnit().name()
                        : null;
    }

    /** Writes the reader's current value. */
    void write(ColumnReader reader, PrimitiveType from, PrimitiveType to, PlainBytes out) {
        switch (this) {
            case SIGNED -> out.number64(reader.getInteger());
            case UNSIGNED -> out.number64(reader.getInteger() & 0xffffffffL);
            case TIMESTAMP -> out.number64(micros(reader.getBinary()));
            case REAL -> out.number64(Double.doubleToRawLongBits(reader.getFloat()));
            case DECIMAL -> decimal(unscaled(reader, from), to, out);
            case NONE -> {
                switch (from.getPrimitiveTypeName()) {
                    case BOOLEAN -> out.write(reader.getBoolean() ? 1 : 0);
                    case INT32 -> out.number32(reader.getInteger());
                    case INT64 -> out.number64(reader.getLong());
                    case FLOAT -> out.number32(Float.floatToRawIntBits(reader.getFloat()));
                    case DOUBLE -> out.number64(Double.doubleToRawLongBits(reader.getDouble()));
                    case BINARY -> out.bytes(reader.getBinary(), false);
                    default -> out.bytes(reader.getBinary(), true);
                }
            }
        }
    }

    /** Microseconds since 1970 of a Julian day and the nanoseconds of that day, cut towards the past. */
    private static long micros(Binary int96) {
        ByteBuffer bytes = int96.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        BigInteger nanos = BigInteger.valueOf(bytes.getLong());
        BigInteger days = BigInteger.valueOf((bytes.getInt() & 0xffffffffL) << 32 >> 32)
                .subtract(BigInteger.valueOf(JULIAN_1970));
        BigInteger all =
                days.multiply(BigInteger.valueOf(Duration.ofDays(1).toNanos())).add(nanos);
        BigInteger[] parts = all.divideAndRemainder(BigInteger.valueOf(1000));
        return (parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0]).longValueExact();
    }

    private static BigInteger unscaled(ColumnReader reader, PrimitiveType from) {
        return switch (from.getPrimitiveTypeName()) {
            case INT32 -> BigInteger.valueOf(reader.getInteger());
            case INT64 -> BigInteger.valueOf(reader.getLong());
            default -> new BigInteger(reader.getBinary().getBytes());
        };
    }

    private static void decimal(BigInteger unscaled, PrimitiveType to, PlainBytes out) {
        switch (to.getPrimitiveTypeName()) {
            case INT32 -> out.number32(unscaled.intValueExact());
            case INT64 -> out.number64(unscaled.longValueExact());
            default -> {
                for (int i = to.getTypeLength() - 1; i >= 0; i--) {
                    out.write(unscaled.shiftRight(8 * i).intValue());
                }
            }
        }
    }
}
