package io.sink.rewrite;

import io.sink.pages.SchemaMatch;
import io.sink.rows.RowFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * What the schema of a Parquet file alone says about the file, for one table. Each answer is found when it is first
 * asked for.
 *
 * @ref LLP 0008#footers
 */
final class FileSchema {
    /** Schemas left by writers that are kept at once. */
    private static final int KEPT = 100;

    private final Table table;
    private final Schema rows;
    private final MessageType output;
    private final MessageType stored;
    private final Map<Left, Optional<String>> compared = new ConcurrentHashMap<>();
    private @Nullable Nodes nodes;
    private @Nullable Optional<String> twoLevelList;
    private @Nullable Optional<Unreadable> unreadable;
    private @Nullable SchemaMatch match;
    private @Nullable List<FooterMetrics.Leaf> leaves;

    /** The schema that a writer left in the file as JSON, and whether the writer stores all of it exactly. */
    private record Left(String json, boolean exact) {}

    /** A column that cannot be read, and why. */
    record Unreadable(String column, String why) {}

    /** The fields with their parents, by field id, and the first contradiction among them. */
    private record Nodes(
            Map<Integer, List<Type>> byId, @Nullable String doubt) {}

    /**
     * @param rows the columns that a rewrite reads and writes
     * @param output their schema in Parquet
     * @param stored the file's schema, with field ids
     */
    FileSchema(Table table, Schema rows, MessageType output, MessageType stored) {
        this.table = table;
        this.rows = rows;
        this.output = output;
        this.stored = stored;
    }

    Schema rows() {
        return rows;
    }

    MessageType output() {
        return output;
    }

    /** The file's schema, with field ids. */
    MessageType stored() {
        return stored;
    }

    /** The leaf columns, in the order of the schema. */
    synchronized List<FooterMetrics.Leaf> leaves() {
        if (leaves == null) {
            leaves = stored.getColumns().stream().map(FooterMetrics.Leaf::of).toList();
        }
        return leaves;
    }

    /** How it fits the schema of the files to be written. */
    synchronized SchemaMatch match() {
        if (match == null) {
            match = SchemaMatch.of(stored, output);
        }
        return match;
    }

    /** A column with a list of two levels; null if there is none. */
    synchronized @Nullable String twoLevelList() {
        if (twoLevelList == null) {
            twoLevelList = Optional.ofNullable(StoredColumns.twoLevelList(rows, stored));
        }
        return twoLevelList.orElse(null);
    }

    /** The first column that Iceberg cannot make a reader for; null if there is none. */
    synchronized @Nullable Unreadable unreadable() {
        if (unreadable == null) {
            unreadable = rows.columns().stream()
                    .map(this::unreadable)
                    .flatMap(Optional::stream)
                    .findFirst();
        }
        return unreadable.orElse(null);
    }

    private Optional<Unreadable> unreadable(Types.NestedField column) {
        return Optional.ofNullable(RowFiles.obstacle(new Schema(column), stored))
                .map(why -> new Unreadable(column.name(), why));
    }

    /** Whether it has a field with this id. */
    boolean has(int id) {
        return nodes().byId().containsKey(id);
    }

    /** A field id that is there twice, or a field with another parent than in the table; null if there is none. */
    @Nullable
    String doubt() {
        return nodes().doubt();
    }

    private synchronized Nodes nodes() {
        if (nodes == null) {
            Map<Integer, List<Type>> byId = new HashMap<>();
            String twice = collect(stored, List.of(), byId);
            nodes = new Nodes(byId, twice == null ? moved(byId) : twice);
        }
        return nodes;
    }

    private static @Nullable String collect(GroupType group, List<Type> above, Map<Integer, List<Type>> byId) {
        for (Type node : group.getFields()) {
            List<Type> path = new ArrayList<>(above);
            path.add(node);
            if (node.getId() != null && byId.put(node.getId().intValue(), path) != null) {
                return "field id " + node.getId() + " is there twice";
            }
            String inside = node.isPrimitive() ? null : collect(node.asGroupType(), path, byId);
            if (inside != null) {
                return inside;
            }
        }
        return null;
    }

    private @Nullable String moved(Map<Integer, List<Type>> byId) {
        Map<Integer, Integer> parents = TypeUtil.indexParents(rows.asStruct());
        for (Map.Entry<Integer, List<Type>> node : byId.entrySet()) {
            List<Type> path = node.getValue();
            if (rows.findField(node.getKey()) == null) {
                continue;
            }
            Integer around = null;
            for (Type above : path.subList(0, path.size() - 1)) {
                around = above.getId() == null
                        ? around
                        : Integer.valueOf(above.getId().intValue());
            }
            if (!Objects.equals(around, parents.get(node.getKey()))) {
                return "column %s (field id %d) is not where the table has it"
                        .formatted(rows.findColumnName(node.getKey()), node.getKey());
            }
        }
        return null;
    }

    /**
     * A column that seems missing, while the file has one of its name without an id, or with one that the table never
     * gave; null if there is none.
     */
    @Nullable
    String unnamed() {
        return unnamed(stored, rows.asStruct());
    }

    private @Nullable String unnamed(GroupType group, Types.StructType struct) {
        for (Types.NestedField field : struct.fields()) {
            List<Type> found = nodes().byId().get(field.fieldId());
            if (found == null && group.containsField(field.name())) {
                Type.ID id = group.getType(field.name()).getId();
                if (id == null || id.intValue() > lastColumnId()) {
                    return "column %s has field id %s, and the table's has %d"
                            .formatted(field.name(), id, field.fieldId());
                }
            }
            if (found != null && field.type().isStructType()) {
                Type last = found.get(found.size() - 1);
                String inside = last.isPrimitive()
                        ? null
                        : unnamed(last.asGroupType(), field.type().asStructType());
                if (inside != null) {
                    return inside;
                }
            }
        }
        return null;
    }

    private int lastColumnId() {
        return table instanceof HasTableOperations has
                ? has.operations().current().lastColumnId()
                : Integer.MAX_VALUE;
    }

    /** How it differs from the second schema, which Iceberg's writers leave in the file; null if it does not. */
    @Nullable
    String unlike(FileMetaData file) {
        String json = file.getKeyValueMetaData().get("iceberg.schema");
        if (json == null) {
            return null;
        }
        if (compared.size() >= KEPT) {
            compared.clear();
        }
        boolean exact = String.valueOf(file.getCreatedBy()).startsWith("parquet-mr");
        return compared.computeIfAbsent(new Left(json, exact), left -> Optional.ofNullable(unlike(left)))
                .orElse(null);
    }

    private @Nullable String unlike(Left left) {
        MessageType said;
        try {
            said = PageFacts.outputSchema(SchemaParser.fromJson(left.json()));
        } catch (RuntimeException unread) {
            return null;
        }
        return unlike(said, left.exact(), List.of());
    }

    private @Nullable String unlike(GroupType said, boolean exact, List<Type> above) {
        for (Type node : said.getFields()) {
            List<Type> path = new ArrayList<>(above);
            path.add(node);
            if (node.getId() != null) {
                if (rows.findType(node.getId().intValue()) instanceof Types.VariantType) {
                    continue;
                }
                List<Type> found = nodes().byId().get(node.getId().intValue());
                String doubt =
                        found == null ? "is not there" : exact && !alike(path, found) ? "is something else" : null;
                if (doubt != null) {
                    return "column %s (field id %s) of the schema that its writer left in it %s"
                            .formatted(node.getName(), node.getId(), doubt);
                }
            }
            String inside = node.isPrimitive() ? null : unlike(node.asGroupType(), exact, path);
            if (inside != null) {
                return inside;
            }
        }
        return null;
    }

    private static boolean alike(List<Type> said, List<Type> found) {
        if (said.size() != found.size()) {
            return false;
        }
        for (int i = 0; i < said.size(); i++) {
            if (said.get(i).getRepetition() != found.get(i).getRepetition()
                    || said.get(i).isPrimitive() != found.get(i).isPrimitive()) {
                return false;
            }
        }
        Type wanted = said.get(said.size() - 1);
        Type there = found.get(found.size() - 1);
        if (!wanted.isPrimitive()) {
            return true;
        }
        PrimitiveType one = wanted.asPrimitiveType();
        PrimitiveType other = there.asPrimitiveType();
        return one.getPrimitiveTypeName() == other.getPrimitiveTypeName()
                && one.getTypeLength() == other.getTypeLength()
                && Objects.equals(one.getLogicalTypeAnnotation(), other.getLogicalTypeAnnotation());
    }
}
