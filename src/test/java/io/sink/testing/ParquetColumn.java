package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A column of a Parquet file as DuckDB sees it; lists and maps without the layers that Parquet puts between.
 *
 * @param id the field id, 0 where the file has none
 * @param type DuckDB's type, empty for groups without one
 * @param children a struct's fields, a list's element, a map's key and value
 */
record ParquetColumn(String name, int id, String type, List<ParquetColumn> children) {

    /** A row of {@code parquet_schema}: a node of the tree in depth-first order. */
    private record Node(String name, int id, String type, int children, boolean nested) {}

    /** The file's root, whose children are the table's columns. */
    static ParquetColumn rootOf(Connection duckdb, String file) throws SQLException {
        List<Node> nodes = new ArrayList<>();
        try (PreparedStatement query = duckdb.prepareStatement(
                "SELECT name, field_id, coalesce(duckdb_type, ''), num_children, converted_type, logical_type"
                        + " FROM parquet_schema(?)")) {
            query.setString(1, file);
            ResultSet rows = query.executeQuery();
            while (rows.next()) {
                String kind = rows.getString(5) + " " + rows.getString(6);
                boolean nested = kind.contains("LIST") || kind.contains("MAP") || kind.contains("ListType");
                nodes.add(new Node(rows.getString(1), rows.getInt(2), rows.getString(3), rows.getInt(4), nested));
            }
        }
        return tree(nodes, new int[] {0});
    }

    private static ParquetColumn tree(List<Node> nodes, int[] next) {
        Node node = nodes.get(next[0]++);
        List<ParquetColumn> children = new ArrayList<>();
        for (int i = 0; i < node.children(); i++) {
            children.add(tree(nodes, next));
        }
        List<ParquetColumn> real = node.nested() ? children.get(0).children() : children;
        return new ParquetColumn(node.name(), node.id(), node.type(), List.copyOf(real));
    }

    /** The child with this field id. */
    @Nullable
    ParquetColumn child(int fieldId) {
        return children.stream()
                .filter(child -> child.id == fieldId)
                .findFirst()
                .orElse(null);
    }

    /** Whether this column or one below it has a field id. */
    boolean hasIds() {
        return id != 0 || children.stream().anyMatch(ParquetColumn::hasIds);
    }

    /** The same columns with ids from a name mapping (spec, "Column Projection"); unmapped ones get none. */
    ParquetColumn mapped(JsonNode mapping) {
        List<ParquetColumn> mapped = new ArrayList<>();
        for (ParquetColumn child : children) {
            JsonNode field = Stream.iterate(0, i -> i < mapping.size(), i -> i + 1)
                    .map(mapping::get)
                    .filter(candidate -> names(candidate).anyMatch(child.name::equals))
                    .findFirst()
                    .orElse(mapping.path("none"));
            ParquetColumn below = child.mapped(field.path("fields"));
            mapped.add(new ParquetColumn(child.name, field.path("field-id").asInt(0), child.type, below.children));
        }
        return new ParquetColumn(name, id, type, mapped);
    }

    private static Stream<String> names(JsonNode field) {
        return field.path("names").valueStream().map(JsonNode::asText);
    }
}
