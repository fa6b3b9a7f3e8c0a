package io.sink.testing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntervalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.UnknownLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.VariantLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a foreign file that a table can have.
 *
 * @param schema the table's columns
 * @param positions where each of them stands among the file's
 * @param leftOut the file's other columns, each with what is against it
 */
public record ForeignColumns(Schema schema, List<Integer> positions, Map<String, String> leftOut) {
    /** Iceberg keeps the ids above for columns of its own. */
    private static final int MOST = Integer.MAX_VALUE - 1000;

    public ForeignColumns {
        positions = List.copyOf(positions);
        leftOut = new LinkedHashMap<>(leftOut);
    }

    /** For a table that finds them by name. */
    public static ForeignColumns named(MessageType stored) {
        return of(stored, false);
    }

    /** For a table that finds them by the file's field ids. */
    public static ForeignColumns numbered(MessageType stored) {
        return of(stored, true);
    }

    private static ForeignColumns of(MessageType stored, boolean byId) {
        List<NestedField> columns = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        Map<String, String> leftOut = new LinkedHashMap<>();
        Set<Integer> repeated = repeated(stored);
        Set<String> names = new HashSet<>();
        int[] last = {byId ? highest(stored) : 0};
        for (int position = 0; position < stored.getFieldCount(); position++) {
            Type column = stored.getType(position);
            String against = against(column);
            if (against == null && byId) {
                against = againstId(column, repeated);
            }
            if (against == null && !names.add(column.getName())) {
                against = "a second column of its name";
            }
            List<NestedField> made = against != null
                    ? List.of()
                    : ForeignFiles.fields(
                            List.of(column),
                            node -> byId && node != null && node.getId() != null
                                    ? node.getId().intValue()
                                    : ++last[0]);
            against = against == null ? againstWriting(made) : against;
            if (against != null) {
                leftOut.put(column.getName(), against);
                continue;
            }
            columns.addAll(made);
            positions.add(position);
        }
        return new ForeignColumns(new Schema(columns), positions, leftOut);
    }

    /** What keeps the table's metadata from saying the column's type, such as a coordinate system with commas. */
    private static @Nullable String againstWriting(List<NestedField> column) {
        try {
            SchemaParser.fromJson(SchemaParser.toJson(new Schema(column)));
            return null;
        } catch (RuntimeException e) {
            String said = String.valueOf(e.getMessage());
            return said.substring(0, Math.min(said.length(), 80));
        }
    }

    /** What no type of a table says, if there is such a thing in the column. */
    private static @Nullable String against(Type node) {
        LogicalTypeAnnotation said = node.getLogicalTypeAnnotation();
        if (said instanceof VariantLogicalTypeAnnotation) {
            return null;
        }
        if (said instanceof Float16LogicalTypeAnnotation
                || said instanceof IntervalLogicalTypeAnnotation
                || said instanceof UnknownLogicalTypeAnnotation) {
            return "no table has a type for " + said;
        }
        if (said instanceof IntLogicalTypeAnnotation number && !number.isSigned() && number.getBitWidth() == 64) {
            return "no table has a type for " + said;
        }
        if (said instanceof TimeLogicalTypeAnnotation time && time.getUnit() == TimeUnit.NANOS) {
            return "no table has a type for " + said;
        }
        if (said instanceof DecimalLogicalTypeAnnotation decimal && decimal.getPrecision() > 38) {
            return "no table has a type for " + said;
        }
        if (node.isPrimitive()) {
            return null;
        }
        GroupType group = node.asGroupType();
        boolean map = said instanceof MapLogicalTypeAnnotation || said instanceof MapKeyValueTypeAnnotation;
        if (map
                && (group.getFieldCount() != 1
                        || group.getType(0).isPrimitive()
                        || !group.getType(0).isRepetition(Repetition.REPEATED))) {
            return "a map without entries";
        }
        for (Type field : map ? group.getType(0).asGroupType().getFields() : group.getFields()) {
            String against = against(field);
            if (against != null) {
                return against;
            }
        }
        return null;
    }

    /** What keeps a table from naming the column, or a part of it, by field id. */
    private static @Nullable String againstId(Type node, Set<Integer> repeated) {
        boolean layer = node.isRepetition(Repetition.REPEATED) && !node.isPrimitive();
        if (node.getId() == null && !layer) {
            return "no field id for " + node.getName();
        }
        if (node.getId() != null) {
            int id = node.getId().intValue();
            if (id < 0 || id > MOST) {
                return "field id " + id;
            }
            if (repeated.contains(id)) {
                return "field id " + id + " is there twice";
            }
        }
        if (node.isPrimitive() || node.getLogicalTypeAnnotation() instanceof VariantLogicalTypeAnnotation) {
            return null;
        }
        for (Type field : node.asGroupType().getFields()) {
            String against = againstId(field, repeated);
            if (against != null) {
                return against;
            }
        }
        return null;
    }

    private static Set<Integer> repeated(MessageType stored) {
        Set<Integer> seen = new HashSet<>();
        Set<Integer> twice = new TreeSet<>();
        nodes(stored).stream()
                .filter(node -> node.getId() != null)
                .map(node -> node.getId().intValue())
                .filter(id -> !seen.add(id))
                .forEach(twice::add);
        return twice;
    }

    private static int highest(MessageType stored) {
        return nodes(stored).stream()
                .filter(node -> node.getId() != null && node.getId().intValue() <= MOST)
                .mapToInt(node -> node.getId().intValue())
                .max()
                .orElse(0);
    }

    private static List<Type> nodes(GroupType group) {
        List<Type> nodes = new ArrayList<>();
        for (Type field : group.getFields()) {
            nodes.add(field);
            if (!field.isPrimitive()) {
                nodes.addAll(nodes(field.asGroupType()));
            }
        }
        return nodes;
    }
}
