package io.sink.rewrite;

import io.sink.outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.UnknownLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * Columns of which Iceberg's readers and others say different things, or which Iceberg cannot read at all. To write
 * what one reader saw would change what the others see, for good.
 *
 * @ref LLP 0008#stored-columns
 */
final class StoredColumns {
    private final Schema rows;
    private final String file;

    private StoredColumns(Schema rows, String file) {
        this.rows = rows;
        this.file = file;
    }

    /**
     * Why a file cannot be read for what it says, if it cannot.
     *
     * @param rows the columns that are read
     * @param stored the file's schema, with field ids
     */
    static Optional<Refusal> refuse(Schema rows, MessageType stored, String file) {
        StoredColumns columns = new StoredColumns(rows, file);
        return stored.getFields().stream()
                .filter(column -> column.getId() != null
                        && rows.asStruct().field(column.getId().intValue()) != null)
                .map(column -> columns.refuse(column, null, List.of()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Refusal> refuse(Type node, @Nullable GroupType around, List<String> above) {
        List<String> path = new ArrayList<>(above);
        path.add(node.getName());
        if (node.isRepetition(Repetition.REPEATED) && !isOneLevelOf(around, node)) {
            return refuse(path, "a list within a list in an old layout, which readers take apart differently");
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

    /** Whether the repeated node is the one of the list or map around it, and nothing else besides. */
    private static boolean isOneLevelOf(@Nullable GroupType around, Type repeated) {
        LogicalTypeAnnotation kind = around == null ? null : around.getLogicalTypeAnnotation();
        LogicalTypeAnnotation own = repeated.getLogicalTypeAnnotation();
        boolean inside = kind instanceof ListLogicalTypeAnnotation
                || kind instanceof MapLogicalTypeAnnotation
                || kind instanceof MapKeyValueTypeAnnotation;
        return inside && !(own instanceof ListLogicalTypeAnnotation) && !(own instanceof MapLogicalTypeAnnotation);
    }

    private @Nullable String obstacle(PrimitiveType stored) {
        Types.NestedField column =
                stored.getId() == null ? null : rows.findField(stored.getId().intValue());
        LogicalTypeAnnotation said = stored.getLogicalTypeAnnotation();
        if (stored.getId() != null && column == null) {
            return null;
        }
        if (said instanceof IntLogicalTypeAnnotation number && !number.isSigned() && number.getBitWidth() >= 32) {
            return "uint" + number.getBitWidth() + ", whose large values Iceberg's readers take for negative ones";
        }
        if (said instanceof UnknownLogicalTypeAnnotation) {
            return "the null type, which Iceberg cannot read";
        }
        if (said instanceof Float16LogicalTypeAnnotation) {
            return "float16, which Iceberg cannot read";
        }
        if (said instanceof TimeLogicalTypeAnnotation time && time.getUnit() == TimeUnit.NANOS) {
            return "a time in nanoseconds, which Iceberg does not have";
        }
        boolean zoneless = column != null
                && column.type() instanceof Types.TimestampType timestamp
                && !timestamp.shouldAdjustToUTC();
        if (stored.getPrimitiveTypeName() == PrimitiveTypeName.INT96 && zoneless) {
            return "INT96, which Iceberg reads for timestamps with a time zone alone";
        }
        return null;
    }

    private Optional<Refusal> refuse(List<String> path, String stored) {
        return Support.refuse(
                Reason.UNSUPPORTED_FEATURE,
                "column %s of %s is stored as %s".formatted(String.join(".", path), file, stored));
    }
}
