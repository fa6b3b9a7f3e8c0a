package io.sink.rows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Counts nulls and entries of each leaf column as Parquet's footers count them: a null is an entry without a value, and
 * a null struct, or a null or empty list or map, counts as one null for each leaf below it.
 *
 * <p>A variant is a leaf. Columns of type unknown are left out, since files do not store them.
 */
public final class LeafNulls {
    private final Struct root;

    /** @param schema the schema of the rows to count */
    public LeafNulls(Schema schema) {
        this.root = new Struct(schema.asStruct());
    }

    /** Counts one row of the schema, in Iceberg's generic representation. */
    public void add(StructLike row) {
        root.add(row);
    }

    /** The nulls so far by field id, with an entry for every leaf. */
    public Map<Integer, Long> counts() {
        Map<Integer, Long> counts = new HashMap<>();
        root.report((id, nulls) -> counts.put(id, nulls));
        return counts;
    }

    /** The entries so far by field id of each leaf, nulls included, as Parquet counts the values of a column. */
    public Map<Integer, Long> entries() {
        Map<Integer, Long> counts = new HashMap<>();
        root.reportEntries((id, entries) -> counts.put(id, entries));
        return counts;
    }

    private interface Node {
        void add(@Nullable Object value);

        void report(ObjLongConsumer<Integer> to);

        void reportEntries(ObjLongConsumer<Integer> to);
    }

    private static Node node(Types.NestedField field) {
        Type type = field.type();
        return switch (type.typeId()) {
            case STRUCT -> new Struct(type.asStructType());
            case LIST -> new Repeated(List.of(node(type.asListType().fields().get(0))));
            case MAP ->
                new Repeated(List.of(
                        node(type.asMapType().fields().get(0)),
                        node(type.asMapType().fields().get(1))));
            case UNKNOWN -> new Absent();
            default -> new Leaf(field.fieldId());
        };
    }

    private static final class Leaf implements Node {
        private final int id;
        private long entries;
        private long nulls;

        Leaf(int id) {
            this.id = id;
        }

        @Override
        public void add(@Nullable Object value) {
            entries++;
            if (value == null) {
                nulls++;
            }
        }

        @Override
        public void report(ObjLongConsumer<Integer> to) {
            to.accept(id, nulls);
        }

        @Override
        public void reportEntries(ObjLongConsumer<Integer> to) {
            to.accept(id, entries);
        }
    }

    private static final class Absent implements Node {
        @Override
        public void add(@Nullable Object value) {}

        @Override
        public void report(ObjLongConsumer<Integer> to) {}

        @Override
        public void reportEntries(ObjLongConsumer<Integer> to) {}
    }

    private static final class Struct implements Node {
        private final List<Node> fields = new ArrayList<>();

        Struct(Types.StructType type) {
            type.fields().forEach(field -> fields.add(node(field)));
        }

        @Override
        public void add(@Nullable Object value) {
            StructLike struct = (StructLike) value;
            for (int i = 0; i < fields.size(); i++) {
                fields.get(i).add(struct == null ? null : struct.get(i, Object.class));
            }
        }

        @Override
        public void report(ObjLongConsumer<Integer> to) {
            fields.forEach(field -> field.report(to));
        }

        @Override
        public void reportEntries(ObjLongConsumer<Integer> to) {
            fields.forEach(field -> field.reportEntries(to));
        }
    }

    /** A list, or a map as a list of keys beside a list of values. */
    private record Repeated(List<Node> elements) implements Node {
        @Override
        public void add(@Nullable Object value) {
            if (value instanceof Map<?, ?> map && !map.isEmpty()) {
                map.keySet().forEach(elements.get(0)::add);
                map.values().forEach(elements.get(1)::add);
            } else if (value instanceof List<?> list && !list.isEmpty()) {
                list.forEach(elements.get(0)::add);
            } else {
                elements.forEach(element -> element.add(null));
            }
        }

        @Override
        public void report(ObjLongConsumer<Integer> to) {
            elements.forEach(element -> element.report(to));
        }

        @Override
        public void reportEntries(ObjLongConsumer<Integer> to) {
            elements.forEach(element -> element.reportEntries(to));
        }
    }
}
