package io.sink.rows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.variants.PhysicalType;
import org.apache.iceberg.variants.VariantMetadata;
import org.apache.iceberg.variants.VariantValue;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Searches partly shredded objects of variants for a field that is stored twice: shredded, and in the rest of the
 * object. The format forbids it, and readers differ: Iceberg's reader takes the shredded field even if it is missing,
 * others take the other one. A rewrite would make one of the answers permanent.
 *
 * @ref LLP 0008#stored-columns
 */
final class ShreddedFields {
    private static final String METADATA = "metadata";
    private static final String VALUE = "value";
    private static final String TYPED = "typed_value";

    private final Schema wanted;
    private final String file;

    private ShreddedFields(Schema wanted, String file) {
        this.wanted = wanted;
        this.file = file;
    }

    /**
     * Reads the columns of a file with partly shredded objects, if there are any.
     *
     * @param wanted the columns that are read
     * @param stored the file's schema, with field ids
     * @throws IllegalStateException if a field is stored twice; names file, column and field
     */
    static void requireOnce(InputFile file, Schema wanted, MessageType stored, @Nullable NameMapping names) {
        ShreddedFields fields = new ShreddedFields(wanted, file.location());
        List<Types.NestedField> columns = new ArrayList<>();
        for (Type column : stored.getFields()) {
            Types.NestedField found = column.getId() == null
                    ? null
                    : wanted.asStruct().field(column.getId().intValue());
            if (found != null && fields.hasObjects(column, false)) {
                columns.add(found);
            }
        }
        if (columns.isEmpty()) {
            return;
        }
        Parquet.ReadBuilder builder =
                Parquet.read(file).project(new Schema(columns)).readSupport(new GroupReadSupport());
        if (names != null) {
            builder = builder.withNameMapping(names);
        }
        try (CloseableIterable<Group> rows = builder.build()) {
            rows.forEach(row -> fields.look(row, row.getType(), List.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isVariant(Type node) {
        return node.getId() != null && wanted.findType(node.getId().intValue()) instanceof Types.VariantType;
    }

    private boolean hasObjects(Type node, boolean inVariant) {
        if (node.isPrimitive()) {
            return false;
        }
        GroupType group = node.asGroupType();
        boolean variant = inVariant || isVariant(node);
        return variant && shreddedObject(group) != null
                || group.getFields().stream().anyMatch(field -> hasObjects(field, variant));
    }

    /** The shredded fields of an object that may have further fields; null if the group is not such an object. */
    private static @Nullable GroupType shreddedObject(GroupType around) {
        if (!around.containsField(VALUE) || !around.containsField(TYPED)) {
            return null;
        }
        Type typed = around.getType(TYPED);
        return typed.isPrimitive() || typed.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation
                ? null
                : typed.asGroupType();
    }

    private void look(Group group, GroupType type, List<String> above) {
        for (int field = 0; field < type.getFieldCount(); field++) {
            Type node = type.getType(field);
            for (int i = 0; !node.isPrimitive() && i < group.getFieldRepetitionCount(field); i++) {
                List<String> path = new ArrayList<>(above);
                path.add(node.getName());
                Group inner = group.getGroup(field, i);
                if (isVariant(node)) {
                    lookInside(
                            inner,
                            node.asGroupType(),
                            VariantMetadata.from(bytes(inner, METADATA)),
                            String.join(".", path));
                } else {
                    look(inner, node.asGroupType(), path);
                }
            }
        }
    }

    private void lookInside(Group group, GroupType type, VariantMetadata metadata, String column) {
        GroupType fields = shreddedObject(type);
        if (fields != null && group.getFieldRepetitionCount(TYPED) > 0 && group.getFieldRepetitionCount(VALUE) > 0) {
            VariantValue others = VariantValue.from(metadata, bytes(group, VALUE));
            if (others.type() != PhysicalType.OBJECT) {
                throw invalid(column, "that is shredded as an object and also stored as another value");
            }
            for (String name : others.asObject().fieldNames()) {
                if (fields.containsField(name)) {
                    throw invalid(
                            column,
                            "whose field " + name + " is both shredded and in the rest of the object,"
                                    + " which readers read differently");
                }
            }
        }
        for (int field = 0; field < type.getFieldCount(); field++) {
            Type node = type.getType(field);
            for (int i = 0; !node.isPrimitive() && i < group.getFieldRepetitionCount(field); i++) {
                lookInside(group.getGroup(field, i), node.asGroupType(), metadata, column);
            }
        }
    }

    private IllegalStateException invalid(String column, String what) {
        return new IllegalStateException("column %s of %s has a variant %s".formatted(column, file, what));
    }

    private static ByteBuffer bytes(Group group, String field) {
        return group.getBinary(field, 0).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
}
