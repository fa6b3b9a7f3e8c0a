package io.sink.rewrite;

import io.sink.outcome.Reason;
import io.sink.pages.SchemaMatch;
import io.sink.rows.StoredValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.BsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntervalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * Refuses columns that Iceberg's readers and others read differently, or that Iceberg cannot read at all. Writing what
 * one reader sees would change for good what the others see. So every layout not known to be read alike is refused.
 *
 * @ref LLP 0008#stored-columns
 */
final class StoredColumns {
    private final Schema rows;
    private final String file;
    private final Set<Integer> keys;

    private StoredColumns(Schema rows, String file, Set<Integer> keys) {
        this.rows = rows;
        this.file = file;
        this.keys = keys;
    }

    /**
     * Why Iceberg would not read the file's values as others do; empty if it does.
     *
     * @param rows the columns that are read
     * @param stored the file's schema, with field ids
     * @param keys field ids of equality deletes: their writer compared the values as its own reader saw them
     */
    static Optional<Refusal> refuse(Schema rows, MessageType stored, String file, Set<Integer> keys) {
        StoredColumns columns = new StoredColumns(rows, file, keys);
        return stored.getFields().stream()
                .filter(column -> column.getId() != null
                        && rows.asStruct().field(column.getId().intValue()) != null)
                .map(column -> columns.refuse(column, null, List.of()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /**
     * The first column with a list of two levels, as older writers made them; null if there is none. Iceberg's reader
     * of rows reads an empty one as a list with an element, and the rows after it wrongly.
     *
     * @param stored the file's schema, with field ids
     */
    static @Nullable String twoLevelList(Schema rows, MessageType stored) {
        return stored.getFields().stream()
                .filter(column -> column.getId() != null
                        && rows.asStruct().field(column.getId().intValue()) != null)
                .filter(StoredColumns::hasTwoLevels)
                .map(Type::getName)
                .findFirst()
                .orElse(null);
    }

    /** The path of the first list or map that lacks the layers of one; null if there is none. */
    static @Nullable String odd(GroupType group) {
        for (Type field : group.getFields()) {
            if (field.isPrimitive()) {
                continue;
            }
            if (isOdd(field.asGroupType())) {
                return field.getName();
            }
            String inside = odd(field.asGroupType());
            if (inside != null) {
                return field.getName() + "." + inside;
            }
        }
        return null;
    }

    private static boolean isOdd(GroupType group) {
        LogicalTypeAnnotation kind = group.getLogicalTypeAnnotation();
        boolean map = kind instanceof MapLogicalTypeAnnotation || kind instanceof MapKeyValueTypeAnnotation;
        if (!map && !(kind instanceof ListLogicalTypeAnnotation)) {
            return false;
        }
        Type repeated = group.getType(0);
        return group.getFieldCount() != 1
                || !repeated.isRepetition(Repetition.REPEATED)
                || map && (repeated.isPrimitive() || repeated.asGroupType().getFieldCount() != 2);
    }

    private static boolean hasTwoLevels(Type node) {
        if (node.isPrimitive()) {
            return false;
        }
        GroupType group = node.asGroupType();
        boolean list = group.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation;
        return list && SchemaMatch.isOfTwoLevels(group)
                || group.getFields().stream().anyMatch(StoredColumns::hasTwoLevels);
    }

    private Optional<Refusal> refuse(Type node, @Nullable GroupType around, List<String> above) {
        List<String> path = new ArrayList<>(above);
        path.add(node.getName());
        boolean whole = node.getId() != null && rows.findType(node.getId().intValue()) instanceof Types.VariantType;
        if (whole) {
            return Optional.empty();
        }
        if (node.isRepetition(Repetition.REPEATED) && !isOneLevelOf(around, node)) {
            boolean bare = around == null
                    || around.getLogicalTypeAnnotation() == null && !around.isRepetition(Repetition.REPEATED);
            return refuse(
                    path,
                    (bare ? "a repeated field without a list around it" : "a list within a list in an old layout")
                            + ", which readers take apart differently");
        }
        if (node.isPrimitive()) {
            String why = obstacle(node.asPrimitiveType());
            return why == null ? Optional.empty() : refuse(path, why);
        }
        return node.asGroupType().getFields().stream()
                .map(field -> refuse(field, node.asGroupType(), path))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Whether the repeated node is the repeated layer of the list or map around it, and not itself a list or map. */
    private static boolean isOneLevelOf(@Nullable GroupType around, Type repeated) {
        LogicalTypeAnnotation kind = around == null ? null : around.getLogicalTypeAnnotation();
        LogicalTypeAnnotation own = repeated.getLogicalTypeAnnotation();
        boolean inside = kind instanceof ListLogicalTypeAnnotation
                || kind instanceof MapLogicalTypeAnnotation
                || kind instanceof MapKeyValueTypeAnnotation;
        return inside && !(own instanceof ListLogicalTypeAnnotation) && !(own instanceof MapLogicalTypeAnnotation);
    }

    private @Nullable String obstacle(PrimitiveType stored) {
        if (stored.getId() == null) {
            return null;
        }
        Types.NestedField column = rows.findField(stored.getId().intValue());
        return column == null || !column.type().isPrimitiveType() || isRead(column, stored)
                ? null
                : described(stored) + ", and the table's column is " + column.type();
    }

    private boolean isRead(Types.NestedField column, PrimitiveType stored) {
        return isReadAlike(column.type(), stored)
                || StoredValues.corrects(column.type(), stored) && !keys.contains(column.fieldId());
    }

    /** Whether Iceberg and others read a value that is stored so as the same value of the type. */
    private static boolean isReadAlike(org.apache.iceberg.types.Type wanted, PrimitiveType stored) {
        LogicalTypeAnnotation said = stored.getLogicalTypeAnnotation();
        PrimitiveTypeName physical = stored.getPrimitiveTypeName();
        boolean plain = said == null;
        return switch (wanted.typeId()) {
            case BOOLEAN -> physical == PrimitiveTypeName.BOOLEAN;
            case INTEGER -> physical == PrimitiveTypeName.INT32 && isNumber(said);
            case LONG -> (physical == PrimitiveTypeName.INT32 || physical == PrimitiveTypeName.INT64) && isNumber(said);
            case FLOAT -> physical == PrimitiveTypeName.FLOAT;
            case DOUBLE -> physical == PrimitiveTypeName.FLOAT || physical == PrimitiveTypeName.DOUBLE;
            case DATE -> said instanceof DateLogicalTypeAnnotation;
            case TIME -> said instanceof TimeLogicalTypeAnnotation time && time.getUnit() != TimeUnit.NANOS;
            case TIMESTAMP ->
                said instanceof TimestampLogicalTypeAnnotation time && time.getUnit() != TimeUnit.NANOS
                        || physical == PrimitiveTypeName.INT96 && ((Types.TimestampType) wanted).shouldAdjustToUTC();
            case TIMESTAMP_NANO ->
                said instanceof TimestampLogicalTypeAnnotation time && time.getUnit() == TimeUnit.NANOS;
            case DECIMAL ->
                said instanceof DecimalLogicalTypeAnnotation decimal
                        && decimal.getScale() == ((Types.DecimalType) wanted).scale();
            case STRING ->
                physical == PrimitiveTypeName.BINARY
                        && (plain
                                || said instanceof StringLogicalTypeAnnotation
                                || said instanceof EnumLogicalTypeAnnotation
                                || said instanceof JsonLogicalTypeAnnotation);
            case UUID -> said instanceof UUIDLogicalTypeAnnotation;
            case FIXED ->
                physical == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
                        && stored.getTypeLength() == ((Types.FixedType) wanted).length()
                        && (plain || said instanceof IntervalLogicalTypeAnnotation);
            case BINARY ->
                physical == PrimitiveTypeName.BINARY && (plain || said instanceof BsonLogicalTypeAnnotation)
                        || physical == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY && plain;
            // The other types have their own conversions, or are never stored.
            default -> true;
        };
    }

    /** Whether the stored bits, as a signed number, are the value: so not for unsigned integers of 32 or 64 bits. */
    private static boolean isNumber(@Nullable LogicalTypeAnnotation said) {
        return said == null
                || said instanceof IntLogicalTypeAnnotation number
                        && (number.isSigned() || number.getBitWidth() < Integer.SIZE);
    }

    private static String described(PrimitiveType stored) {
        LogicalTypeAnnotation said = stored.getLogicalTypeAnnotation();
        String physical = stored.getPrimitiveTypeName().name();
        if (said instanceof IntLogicalTypeAnnotation number && !number.isSigned()) {
            return "uint" + number.getBitWidth() + ", whose large values Iceberg's readers read as negative ones";
        }
        return said == null ? physical : physical + " (" + said + ")";
    }

    private Optional<Refusal> refuse(List<String> path, String stored) {
        return Support.refuse(
                Reason.UNSUPPORTED_FEATURE,
                "column %s of %s is stored as %s".formatted(String.join(".", path), file, stored));
    }
}
