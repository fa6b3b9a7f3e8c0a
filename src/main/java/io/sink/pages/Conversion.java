package io.sink.pages;

import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** What happens to a value between a source column and an output column. */
enum Conversion {
    /** Both columns store the same bytes for the same value. */
    NONE,
    INT_TO_LONG,
    /** An unsigned integer of 32 bits. */
    UNSIGNED_TO_LONG,
    /** Nanoseconds of a Julian day to microseconds since 1970, truncated towards the past. */
    INT96_TO_MICROS,
    FLOAT_TO_DOUBLE,
    /** A decimal of the same scale in another physical type. */
    DECIMAL;

    /** The conversion between two column types; null if none is known to be exact. */
    static @Nullable Conversion of(PrimitiveType from, PrimitiveType to) {
        PrimitiveTypeName source = from.getPrimitiveTypeName();
        PrimitiveTypeName target = to.getPrimitiveTypeName();
        LogicalTypeAnnotation said = from.getLogicalTypeAnnotation();
        LogicalTypeAnnotation wanted = to.getLogicalTypeAnnotation();
        if (wanted instanceof DecimalLogicalTypeAnnotation decimal) {
            return said instanceof DecimalLogicalTypeAnnotation other && other.getScale() == decimal.getScale()
                    ? sameBytes(from, to) ? NONE : DECIMAL
                    : null;
        }
        if (source == PrimitiveTypeName.INT96) {
            return wanted instanceof TimestampLogicalTypeAnnotation time && time.getUnit() == TimeUnit.MICROS
                    ? INT96_TO_MICROS
                    : null;
        }
        if (said instanceof IntLogicalTypeAnnotation number && !number.isSigned()) {
            return source == PrimitiveTypeName.INT32 && target == PrimitiveTypeName.INT64 && wanted == null
                    ? UNSIGNED_TO_LONG
                    : null;
        }
        if (!sameMeaning(said, wanted, source)) {
            return null;
        }
        if (sameBytes(from, to)) {
            return NONE;
        }
        if (wanted != null) {
            return null;
        }
        return switch (source) {
            case INT32 -> target == PrimitiveTypeName.INT64 ? INT_TO_LONG : null;
            case FLOAT -> target == PrimitiveTypeName.DOUBLE ? FLOAT_TO_DOUBLE : null;
            default -> null;
        };
    }

    private static boolean sameBytes(PrimitiveType from, PrimitiveType to) {
        return from.getPrimitiveTypeName() == to.getPrimitiveTypeName()
                && (from.getPrimitiveTypeName() != PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
                        || from.getTypeLength() == to.getTypeLength());
    }

    /** Whether readers of the table take both annotations for the same; not for decimals. */
    private static boolean sameMeaning(
            @Nullable LogicalTypeAnnotation said, @Nullable LogicalTypeAnnotation wanted, PrimitiveTypeName stored) {
        if (wanted == null) {
            return said == null
                    || (said instanceof IntLogicalTypeAnnotation number
                            && number.isSigned()
                            && (stored != PrimitiveTypeName.INT64 || number.getBitWidth() == 64));
        }
        if (wanted.equals(LogicalTypeAnnotation.stringType())) {
            return said == null
                    || said.equals(wanted)
                    || said.equals(LogicalTypeAnnotation.enumType())
                    || said.equals(LogicalTypeAnnotation.jsonType());
        }
        // The table decides about the zone: files store the same number either way.
        if (wanted instanceof TimestampLogicalTypeAnnotation time) {
            return said instanceof TimestampLogicalTypeAnnotation other && other.getUnit() == time.getUnit();
        }
        if (wanted instanceof TimeLogicalTypeAnnotation time) {
            return said instanceof TimeLogicalTypeAnnotation other && other.getUnit() == time.getUnit();
        }
        return (wanted.equals(LogicalTypeAnnotation.dateType()) || wanted.equals(LogicalTypeAnnotation.uuidType()))
                && wanted.equals(said);
    }
}
