package io.sink.rows;

import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Corrects values that a Parquet file stores in a form that Iceberg's reader reads as another value or type.
 *
 * <ul>
 *   <li>An unsigned integer of 32 bits in a {@code long}: Iceberg extends its sign.
 *   <li>INT96 in a {@code timestamp} without zone: Iceberg gives a time with zone, which no writer accepts. In both
 *       kinds of timestamps, fractions of a microsecond are truncated towards the past, as other readers do.
 * </ul>
 *
 * @ref LLP 0008#stored-columns
 */
public final class StoredValues {
    private StoredValues() {}

    /** Whether values of the type that are stored so need a correction. */
    public static boolean corrects(Type wanted, PrimitiveType stored) {
        return switch (wanted.typeId()) {
            case LONG ->
                stored.getPrimitiveTypeName() == PrimitiveTypeName.INT32
                        && stored.getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation number
                        && !number.isSigned()
                        && number.getBitWidth() == Integer.SIZE;
            case TIMESTAMP -> stored.getPrimitiveTypeName() == PrimitiveTypeName.INT96;
            default -> false;
        };
    }

    /**
     * The correction for rows from Iceberg's reader; null if they need none. It returns a corrected copy of a row,
     * since the reader may reuse the row.
     *
     * @param wanted the schema of the rows
     * @param file the schema of a file, with field ids
     * @param constants field ids of columns that are not read from the file
     */
    static @Nullable UnaryOperator<Object> correction(Schema wanted, MessageType file, Set<Integer> constants) {
        return new Corrections(primitives(file), constants).of(wanted.asStruct(), -1);
    }

    private static Map<Integer, PrimitiveType> primitives(MessageType file) {
        Map<Integer, PrimitiveType> byId = new HashMap<>();
        for (ColumnDescriptor column : file.getColumns()) {
            PrimitiveType type = column.getPrimitiveType();
            if (type.getId() != null) {
                byId.put(type.getId().intValue(), type);
            }
        }
        return byId;
    }

    private static @Nullable Object unsigned(@Nullable Object value) {
        return value == null ? null : (Object) Integer.toUnsignedLong(((Long) value).intValue());
    }

    private static @Nullable Object local(@Nullable Object value) {
        return value == null ? null : ((OffsetDateTime) value).toLocalDateTime().truncatedTo(ChronoUnit.MICROS);
    }

    private static @Nullable Object zoned(@Nullable Object value) {
        return value == null ? null : ((OffsetDateTime) value).truncatedTo(ChronoUnit.MICROS);
    }

    /** Makes the correction for values of each type; null if they need none. */
    private record Corrections(Map<Integer, PrimitiveType> stored, Set<Integer> constants) {
        @Nullable
        UnaryOperator<Object> of(Type wanted, int id) {
            if (constants.contains(id)) {
                return null;
            }
            return switch (wanted.typeId()) {
                case STRUCT -> ofStruct(wanted.asStructType());
                case LIST -> ofList(wanted.asListType());
                case MAP -> ofMap(wanted.asMapType());
                case LONG -> isStored(wanted, id) ? StoredValues::unsigned : null;
                case TIMESTAMP ->
                    isStored(wanted, id)
                            ? ((Types.TimestampType) wanted).shouldAdjustToUTC()
                                    ? StoredValues::zoned
                                    : StoredValues::local
                            : null;
                default -> null;
            };
        }

        private boolean isStored(Type wanted, int id) {
            PrimitiveType type = stored.get(id);
            return type != null && corrects(wanted, type);
        }

        private @Nullable UnaryOperator<Object> ofStruct(Types.StructType wanted) {
            Map<Integer, UnaryOperator<Object>> byPosition = new LinkedHashMap<>();
            for (int i = 0; i < wanted.fields().size(); i++) {
                Types.NestedField field = wanted.fields().get(i);
                UnaryOperator<Object> correction = of(field.type(), field.fieldId());
                if (correction != null) {
                    byPosition.put(i, correction);
                }
            }
            return byPosition.isEmpty()
                    ? null
                    : value -> {
                        if (!(value instanceof Record read)) {
                            return value;
                        }
                        Record row = read.copy();
                        byPosition.forEach(
                                (position, correction) -> row.set(position, correction.apply(row.get(position))));
                        return row;
                    };
        }

        private @Nullable UnaryOperator<Object> ofList(Types.ListType wanted) {
            UnaryOperator<Object> correction = of(wanted.elementType(), wanted.elementId());
            return correction == null
                    ? null
                    : value -> {
                        if (!(value instanceof List<?> list)) {
                            return value;
                        }
                        List<Object> elements = new ArrayList<>();
                        list.forEach(element -> elements.add(correction.apply(element)));
                        return elements;
                    };
        }

        private @Nullable UnaryOperator<Object> ofMap(Types.MapType wanted) {
            UnaryOperator<Object> ofKey = of(wanted.keyType(), wanted.keyId());
            UnaryOperator<Object> ofValue = of(wanted.valueType(), wanted.valueId());
            return ofKey == null && ofValue == null
                    ? null
                    : value -> {
                        if (!(value instanceof Map<?, ?> map)) {
                            return value;
                        }
                        Map<Object, Object> entries = new LinkedHashMap<>();
                        map.forEach((key, of) -> entries.put(
                                ofKey == null ? key : ofKey.apply(key), ofValue == null ? of : ofValue.apply(of)));
                        return entries;
                    };
        }
    }
}
