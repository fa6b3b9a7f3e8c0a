package io.sink.rewrite;

import io.sink.outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Refuses columns of Avro files that Iceberg's reader may misread: every stored type that is not known to be read as
 * stored.
 *
 * @ref LLP 0008#stored-columns
 */
final class StoredAvro {
    private final String file;

    private StoredAvro(String file) {
        this.file = file;
    }

    /**
     * Why Iceberg would not read the file's values as they are stored; empty if it does.
     *
     * @param rows the columns that are read
     * @param stored the file's schema, with field ids
     */
    static Optional<Refusal> refuse(org.apache.iceberg.Schema rows, Schema stored, String file) {
        return new StoredAvro(file).fields(rows.asStruct(), stored, List.of());
    }

    private Optional<Refusal> fields(Types.StructType wanted, Schema record, List<String> above) {
        for (Schema.Field field : record.getFields()) {
            Types.NestedField column =
                    AvroSchemaUtil.hasFieldId(field) ? wanted.field(AvroSchemaUtil.getFieldId(field)) : null;
            if (column != null) {
                Optional<Refusal> refusal = column(column.type(), field.schema(), path(above, field.name()));
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Refusal> column(Type wanted, Schema optional, List<String> path) {
        Schema stored = present(optional);
        if (stored == null || !isReadAlike(wanted, stored)) {
            return refuse(path, wanted, optional);
        }
        return switch (wanted.typeId()) {
            case STRUCT -> fields(wanted.asStructType(), stored, path);
            case LIST -> column(wanted.asListType().elementType(), stored.getElementType(), path(path, "element"));
            case MAP ->
                stored.getType() == Schema.Type.MAP
                        ? column(wanted.asMapType().valueType(), stored.getValueType(), path(path, "value"))
                        : entry(wanted.asMapType(), stored.getElementType(), path);
            default -> Optional.empty();
        };
    }

    private Optional<Refusal> entry(Types.MapType wanted, Schema pair, List<String> path) {
        return column(wanted.keyType(), pair.getFields().get(0).schema(), path(path, "key"))
                .or(() -> column(wanted.valueType(), pair.getFields().get(1).schema(), path(path, "value")));
    }

    /** The type of a value that is not null; null if there are several such types. */
    private static @Nullable Schema present(Schema schema) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema;
        }
        List<Schema> types = schema.getTypes().stream()
                .filter(type -> type.getType() != Schema.Type.NULL)
                .toList();
        return types.size() == 1 ? types.get(0) : null;
    }

    private static boolean isReadAlike(Type wanted, Schema stored) {
        LogicalType said = stored.getLogicalType();
        Schema.Type physical = stored.getType();
        boolean plain = said == null;
        return switch (wanted.typeId()) {
            case BOOLEAN -> physical == Schema.Type.BOOLEAN && plain;
            case INTEGER -> physical == Schema.Type.INT && plain;
            case LONG -> (physical == Schema.Type.INT || physical == Schema.Type.LONG) && plain;
            case FLOAT -> physical == Schema.Type.FLOAT && plain;
            case DOUBLE -> (physical == Schema.Type.FLOAT || physical == Schema.Type.DOUBLE) && plain;
            case DECIMAL ->
                said instanceof LogicalTypes.Decimal decimal
                        && decimal.getScale() == ((Types.DecimalType) wanted).scale()
                        && decimal.getPrecision() <= ((Types.DecimalType) wanted).precision();
            case DATE -> said instanceof LogicalTypes.Date;
            case TIME -> said instanceof LogicalTypes.TimeMicros;
            case TIMESTAMP ->
                (said instanceof LogicalTypes.TimestampMicros || said instanceof LogicalTypes.TimestampMillis)
                        && AvroSchemaUtil.isTimestamptz(stored) == ((Types.TimestampType) wanted).shouldAdjustToUTC();
            case TIMESTAMP_NANO ->
                said instanceof LogicalTypes.TimestampNanos
                        && AvroSchemaUtil.isTimestamptz(stored)
                                == ((Types.TimestampNanoType) wanted).shouldAdjustToUTC();
            case STRING -> physical == Schema.Type.STRING && plain;
            case UUID ->
                physical == Schema.Type.FIXED && !plain && said.getName().equals("uuid");
            case FIXED ->
                physical == Schema.Type.FIXED && plain && stored.getFixedSize() == ((Types.FixedType) wanted).length();
            case BINARY, GEOMETRY, GEOGRAPHY -> physical == Schema.Type.BYTES && plain;
            case STRUCT -> physical == Schema.Type.RECORD && plain;
            case VARIANT -> physical == Schema.Type.RECORD && !plain;
            case LIST -> physical == Schema.Type.ARRAY && plain;
            case MAP -> isMap(wanted.asMapType(), stored);
            // Values of the other types are never stored.
            default -> true;
        };
    }

    private static boolean isMap(Types.MapType wanted, Schema stored) {
        return stored.getType() == Schema.Type.MAP
                ? wanted.keyType().typeId() == Type.TypeID.STRING
                : stored.getType() == Schema.Type.ARRAY
                        && stored.getLogicalType() != null
                        && AvroSchemaUtil.isKeyValueSchema(stored.getElementType());
    }

    private static List<String> path(List<String> above, String name) {
        List<String> path = new ArrayList<>(above);
        path.add(name);
        return path;
    }

    private Optional<Refusal> refuse(List<String> path, Type wanted, Schema stored) {
        return Support.refuse(
                Reason.UNSUPPORTED_FEATURE,
                "column %s of %s is stored as %s, and the table's column is %s"
                        .formatted(String.join(".", path), file, stored, wanted));
    }
}
