package io.sink.rewrite;

import io.sink.pages.Fill;
import io.sink.pages.Origin;
import io.sink.pages.SchemaMatch;
import io.sink.rows.RowFiles;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of every output column come from, for one data file, as a reader of the table sees them: partition
 * constants take precedence over stored values; lineage and defaults stand in for values that are not stored.
 *
 * @param columns the origin of each leaf column of the output, in its order
 * @param obstacle why the origins cannot be determined; null if they can
 */
public record Origins(List<Origin> columns, @Nullable String obstacle) {
    private static final int ROW_ID = MetadataColumns.ROW_ID.fieldId();
    private static final int UPDATED = MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId();

    /**
     * The origins for one file.
     *
     * @param schema that of the file
     */
    static Origins of(Table table, DataFile file, FileSchema schema) {
        SchemaMatch match = schema.match();
        if (match.obstacle() != null) {
            return new Origins(List.of(), match.obstacle());
        }
        Map<Integer, @Nullable Object> constants = constants(RowFiles.spec(table, file.specId()), file);
        MessageType output = schema.output();
        List<ColumnDescriptor> leaves = output.getColumns();
        List<Origin> columns = new ArrayList<>();
        for (int number = 0; number < leaves.size(); number++) {
            ColumnDescriptor column = leaves.get(number);
            int id = output.getType(column.getPath()[0]).getId().intValue();
            Origin origin;
            if (id == ROW_ID || id == UPDATED) {
                origin = lineage(match, number, file, id);
            } else if (constants.containsKey(id)) {
                Object value = constants.get(id);
                origin = new Origin.Generated(value == null ? new Fill.Nulls() : constant(column, value));
            } else if (match.has(number)) {
                origin = Origin.of(match, number, null);
            } else {
                Types.NestedField field = schema.rows().findField(id);
                Object value = field.initialDefault();
                origin = new Origin.Generated(value == null ? new Fill.Nulls() : constant(column, value));
            }
            boolean none = origin instanceof Origin.Generated generated && generated.fill() instanceof Fill.Nulls;
            if (none
                    && output.getType(column.getPath()[0])
                            .isRepetition(org.apache.parquet.schema.Type.Repetition.REQUIRED)) {
                return new Origins(
                        List.of(),
                        "required column " + schema.rows().findColumnName(id) + " is not in " + file.location());
            }
            columns.add(origin);
        }
        return new Origins(columns, null);
    }

    /** Values of identity partition fields by the field id of their source, in Iceberg's internal representation. */
    private static Map<Integer, @Nullable Object> constants(PartitionSpec spec, DataFile file) {
        Map<Integer, @Nullable Object> constants = new HashMap<>();
        for (int position = 0; position < spec.fields().size(); position++) {
            PartitionField field = spec.fields().get(position);
            if (field.transform().isIdentity()) {
                constants.put(field.sourceId(), file.partition().get(position, Object.class));
            }
        }
        return constants;
    }

    private static Origin lineage(SchemaMatch match, int number, DataFile file, int id) {
        Long first = file.firstRowId();
        if (first == null || (id == UPDATED && file.dataSequenceNumber() == null)) {
            // By the specification there is no lineage without a first row id, whatever the file stores.
            return new Origin.Generated(new Fill.Nulls());
        }
        return Origin.of(
                match, number, id == ROW_ID ? new Fill.Counting(first) : new Fill.Constant(file.dataSequenceNumber()));
    }

    /** Converts a value from Iceberg's internal representation to that of Parquet's writers. */
    static Fill constant(ColumnDescriptor column, Object value) {
        PrimitiveType type = column.getPrimitiveType();
        Object unscaled = value instanceof BigDecimal decimal ? decimal.unscaledValue() : value;
        return new Fill.Constant(
                switch (type.getPrimitiveTypeName()) {
                    case BOOLEAN -> unscaled;
                    case INT32 -> ((Number) unscaled).intValue();
                    case INT64 -> ((Number) unscaled).longValue();
                    case FLOAT -> ((Number) unscaled).floatValue();
                    case DOUBLE -> ((Number) unscaled).doubleValue();
                    default -> bytes(unscaled, type);
                });
    }

    private static Binary bytes(Object value, PrimitiveType type) {
        if (value instanceof java.math.BigInteger unscaled) {
            byte[] fixed = new byte[type.getTypeLength()];
            byte[] bytes = unscaled.toByteArray();
            java.util.Arrays.fill(fixed, (byte) (unscaled.signum() < 0 ? -1 : 0));
            System.arraycopy(bytes, 0, fixed, fixed.length - bytes.length, bytes.length);
            return Binary.fromConstantByteArray(fixed);
        }
        if (value instanceof UUID uuid) {
            return Binary.fromConstantByteArray(ByteBuffer.allocate(16)
                    .putLong(uuid.getMostSignificantBits())
                    .putLong(uuid.getLeastSignificantBits())
                    .array());
        }
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return Binary.fromConstantByteArray(bytes);
        }
        if (value instanceof byte[] bytes) {
            return Binary.fromConstantByteArray(bytes);
        }
        return Binary.fromString(value.toString());
    }
}
