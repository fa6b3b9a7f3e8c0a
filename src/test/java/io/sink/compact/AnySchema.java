package io.sink.compact;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Schemas, partition specs and sort orders of any shape that a format version allows. */
public final class AnySchema {
    private static final List<Type> PRIMITIVES = List.of(
            Types.BooleanType.get(),
            Types.IntegerType.get(),
            Types.LongType.get(),
            Types.FloatType.get(),
            Types.DoubleType.get(),
            Types.DateType.get(),
            Types.TimeType.get(),
            Types.TimestampType.withZone(),
            Types.TimestampType.withoutZone(),
            Types.StringType.get(),
            Types.UUIDType.get(),
            Types.FixedType.ofLength(7),
            Types.BinaryType.get(),
            Types.DecimalType.of(7, 2),
            Types.DecimalType.of(18, 0),
            Types.DecimalType.of(33, 5));
    private static final List<Type> NEWER = List.of(
            Types.TimestampNanoType.withZone(),
            Types.TimestampNanoType.withoutZone(),
            Types.GeometryType.crs84(),
            // Last: Iceberg cannot write it inside a list or a map.
            Types.UnknownType.get());

    private final Random random;
    private final int formatVersion;
    private int ids = 1000;

    public AnySchema(Random random, int formatVersion) {
        this.random = random;
        this.formatVersion = formatVersion;
    }

    /** A column {@code id} with few values, and two to seven others. */
    public Schema schema() {
        List<Types.NestedField> columns = new ArrayList<>();
        columns.add(Types.NestedField.required(1, "id", Types.IntegerType.get()));
        for (int i = 2 + random.nextInt(6); i > 0; i--) {
            Type type = type(2);
            String name = "c" + columns.size();
            columns.add(
                    random.nextInt(4) == 0 && type.typeId() != Type.TypeID.UNKNOWN
                            ? Types.NestedField.required(columns.size() + 1, name, type)
                            : Types.NestedField.optional(columns.size() + 1, name, type));
        }
        return new Schema(columns);
    }

    Type type(int depth) {
        int choice = random.nextInt(depth > 0 ? 8 : 5);
        return switch (choice) {
            case 5 -> Types.ListType.ofOptional(ids++, type(depth - 1));
            case 6 -> Types.MapType.ofOptional(ids++, ids++, key(), type(depth - 1));
            case 7 ->
                Types.StructType.of(
                        Types.NestedField.optional(ids++, "left", type(depth - 1)),
                        Types.NestedField.optional(ids++, "right", type(depth - 1)));
            default ->
                formatVersion >= 3 && random.nextInt(5) == 0
                        ? NEWER.get(random.nextInt(NEWER.size() - (depth < 2 ? 1 : 0)))
                        : PRIMITIVES.get(random.nextInt(PRIMITIVES.size()));
        };
    }

    private Type key() {
        return random.nextBoolean() ? Types.StringType.get() : Types.LongType.get();
    }

    PartitionSpec spec(Schema schema) {
        PartitionSpec.Builder builder = PartitionSpec.builderFor(schema);
        Types.NestedField field =
                schema.columns().get(random.nextInt(schema.columns().size()));
        switch (random.nextInt(3)) {
            case 0 -> builder.identity("id");
            case 1 -> {
                String name = field.name();
                switch (field.type().typeId()) {
                    case INTEGER, LONG, DECIMAL -> builder.truncate(name, 3).bucket("id", 3);
                    case STRING, BINARY -> builder.truncate(name, 1);
                    case DATE -> builder.month(name);
                    case TIMESTAMP -> builder.day(name);
                    case TIMESTAMP_NANO -> builder.year(name);
                    case UUID, TIME, FIXED -> builder.bucket(name, 2);
                    case BOOLEAN, FLOAT, DOUBLE -> builder.identity(name);
                    default -> builder.alwaysNull("id");
                }
            }
            default -> {}
        }
        return builder.build();
    }

    /** A term to partition by that any schema has. */
    Term partitionTerm() {
        return switch (random.nextInt(3)) {
            case 0 -> Expressions.bucket("id", 2 + random.nextInt(3));
            case 1 -> Expressions.truncate("id", 2 + random.nextInt(3));
            default -> Expressions.ref("id");
        };
    }

    SortOrder order(Schema schema) {
        if (random.nextInt(3) != 0) {
            return SortOrder.unsorted();
        }
        SortOrder.Builder order = SortOrder.builderFor(schema);
        schema.columns().stream()
                .filter(field -> field.type().isPrimitiveType())
                .filter(field -> field.type().typeId() != Type.TypeID.UNKNOWN
                        && field.type().typeId() != Type.TypeID.GEOMETRY)
                .skip(1)
                .limit(1)
                .forEach(field -> order.desc(field.name()));
        return order.asc("id").build();
    }
}
