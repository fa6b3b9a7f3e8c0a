package io.sink.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * DuckDB expressions that turn a Parquet file's columns, matched by field id, into canonical JSON.
 *
 * <p>The form: booleans and strings as they are; integers, decimals and the counts of days (date), microseconds (time,
 * timestamp) or nanoseconds since the epoch as decimal strings; float and double as 8 and 16 hex digits of their bits,
 * or {@code "nan"}; uuid in the usual writing; fixed, binary and geo types (WKB) in hex; a variant as the JSON that
 * DuckDB makes of it, in which types blur; a list as an array, a struct as an object, a map as an array of sorted
 * pairs.
 */
final class RowSql {
    private RowSql() {}

    /**
     * A JSON object of the struct's fields, in the schema's order, after {@code leading} arguments of the same form.
     */
    static String struct(JsonNode struct, ParquetColumn columns, String parent, List<String> leading) {
        List<String> arguments = new ArrayList<>(leading);
        for (JsonNode field : struct.path("fields")) {
            arguments.add(text(field.path("name").asText()));
            arguments.add(field(field, columns, parent));
        }
        return "json_object(" + String.join(", ", arguments) + ")";
    }

    /** The canonical value of one field of {@code columns}, or of its default where the file lacks it. */
    static String field(JsonNode field, ParquetColumn columns, String parent) {
        ParquetColumn column = columns.child(field.path("id").asInt());
        return column == null
                ? literal(field.path("type"), field.path("initial-default"))
                : value(field.path("type"), column, parent + "." + name(column.name()));
    }

    /**
     * The canonical value of the field with this id, wherever in nested structs it lies.
     *
     * @return null if there is no such field in {@code struct}
     */
    static @Nullable String fieldById(int id, JsonNode struct, ParquetColumn columns, String parent) {
        for (JsonNode field : struct.path("fields")) {
            if (field.path("id").asInt() == id) {
                return field(field, columns, parent);
            }
            ParquetColumn column = columns.child(field.path("id").asInt());
            ParquetColumn below = column == null ? new ParquetColumn("", 0, "", List.of()) : column;
            String found = fieldById(id, field.path("type"), below, parent + "." + name(below.name()));
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A quoted identifier. */
    static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A string literal. */
    static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    private static String value(JsonNode type, ParquetColumn column, String sql) {
        return switch (type.path("type").asText()) {
            case "struct" -> unlessNull(sql, struct(type, column, sql, List.of()));
            case "list" -> {
                String item = item(sql);
                String element = value(type.path("element"), column.children().get(0), item);
                yield unlessNull(
                        sql, "to_json(list_transform(" + sql + ", lambda " + item + ": to_json(" + element + ")))");
            }
            case "map" -> {
                String item = item(sql);
                String key = value(type.path("key"), column.children().get(0), item + ".key");
                String value = value(type.path("value"), column.children().get(1), item + ".value");
                String pairs = "list_transform(map_entries(" + sql + "), lambda " + item + ": json_array(" + key + ", "
                        + value + "))";
                yield unlessNull(sql, "to_json(list_sort(" + pairs + "))");
            }
            default -> leaf(type.asText(), sql, column.type());
        };
    }

    /** A lambda's parameter; longer than that of any lambda around it, so that none hides another. */
    private static String item(String sql) {
        return sql.replaceAll("\\W", "") + "_";
    }

    private static String unlessNull(String sql, String json) {
        return "CASE WHEN " + sql + " IS NOT NULL THEN " + json + " END";
    }

    private static String leaf(String type, String sql, String fileType) {
        boolean bytes = fileType.equals("BLOB");
        return switch (type.replaceFirst("[(\\[ ].*", "")) {
            case "boolean" -> sql;
            case "int", "long", "decimal" -> "CAST(" + sql + " AS VARCHAR)";
            case "float" -> bits("CAST(" + sql + " AS FLOAT)");
            case "double" -> bits("CAST(" + sql + " AS DOUBLE)");
            case "date" -> "CAST(" + sql + " - DATE '1970-01-01' AS VARCHAR)";
            case "time", "timestamp", "timestamptz" -> "CAST(epoch_us(" + sql + ") AS VARCHAR)";
            case "timestamp_ns", "timestamptz_ns" -> "CAST(epoch_ns(" + sql + ") AS VARCHAR)";
            case "string" -> bytes ? "decode(" + sql + ")" : sql;
            case "uuid" -> "CAST(CAST(" + (bytes ? "hex(" + sql + ")" : sql) + " AS UUID) AS VARCHAR)";
            case "fixed", "binary" -> "lower(hex(" + sql + "))";
            case "geometry", "geography" -> "lower(hex(" + (bytes ? sql : "ST_AsWKB(" + sql + ")") + "))";
            case "variant" -> "to_json(" + sql + ")";
            case "unknown" -> "NULL";
            default -> throw new UnsupportedOperationException("The second reader cannot read " + type);
        };
    }

    private static String bits(String sql) {
        return "CASE WHEN isnan(" + sql + ") THEN 'nan' ELSE lower(hex(CAST(CAST(" + sql + " AS BIT) AS BLOB))) END";
    }

    /** The canonical value of a default in metadata (spec, "JSON single-value serialization"). */
    private static String literal(JsonNode type, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "NULL";
        }
        String kind = type.path("type").asText(type.asText());
        if (kind.equals("struct")) {
            return type.path("fields")
                    .valueStream()
                    .map(field -> text(field.path("name").asText()) + ", "
                            + literal(field.path("type"), field.path("initial-default")))
                    .collect(Collectors.joining(", ", "json_object(", ")"));
        }
        String quoted = text(value.asText());
        String sql = switch (kind.replaceFirst("[(\\[ ].*", "")) {
            case "boolean" -> "CAST(" + quoted + " AS BOOLEAN)";
            case "int", "long" -> "CAST(" + quoted + " AS BIGINT)";
            case "float", "double", "date", "time", "timestamp", "timestamptz", "timestamp_ns", "uuid" ->
                "CAST(" + quoted + " AS " + kind + ")";
            case "timestamptz_ns" -> "CAST(" + quoted + " AS TIMESTAMP_NS)";
            case "fixed", "binary" -> "from_hex(" + quoted + ")";
            default -> quoted;
        };
        return leaf(kind, sql, "");
    }
}
