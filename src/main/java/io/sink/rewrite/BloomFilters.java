package io.sink.rewrite;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.Type;

/**
 * The bloom filters of a rewrite, by records or by pages: the table's properties decide, not the inputs.
 *
 * @param made columns that get a filter, as the table asks
 * @param dropped columns that have a filter in some input and get none
 * @ref LLP 0011#choice
 */
public record BloomFilters(List<String> made, List<String> dropped) implements Serializable {
    static final BloomFilters NONE = new BloomFilters(List.of(), List.of());

    public BloomFilters {
        made = List.copyOf(made);
        dropped = List.copyOf(dropped);
    }

    /** @param stored names of the columns that have a filter in some input */
    static BloomFilters of(Table table, Collection<String> stored) {
        List<String> made = new ArrayList<>();
        List<String> dropped = new ArrayList<>();
        for (String column : asked(table)) {
            if (table.schema().findField(column) != null && !neverHas(table, column)) {
                made.add(column);
            }
        }
        for (String column : new TreeSet<>(stored)) {
            if (!made.contains(column)) {
                dropped.add(column);
            }
        }
        return new BloomFilters(made, dropped);
    }

    private static Set<String> asked(Table table) {
        Map<String, String> asked = PropertyUtil.propertiesWithPrefix(
                table.properties(), TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX);
        Set<String> columns = new TreeSet<>(asked.keySet());
        columns.removeIf(column -> !Boolean.parseBoolean(asked.get(column)));
        return columns;
    }

    /** Parquet's writer would leave the filter of booleans empty, which says that the column has neither of them. */
    private static boolean neverHas(Table table, String column) {
        Types.NestedField field = table.schema().findField(column);
        return field != null && field.type().typeId() == TypeID.BOOLEAN;
    }

    /** The properties that keep a writer from making filters that would say what is not so. */
    static Map<String, String> withheld(Table table) {
        return asked(table).stream()
                .filter(column -> neverHas(table, column))
                .collect(Collectors.toMap(
                        column -> TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + column, any -> "false"));
    }

    /** The columns with a filter in this file: by the table's names if they have field ids, else by their paths. */
    public static List<String> stored(Schema schema, ParquetMetadata footer) {
        return footer.getBlocks().stream()
                .flatMap(block -> block.getColumns().stream())
                .filter(chunk -> chunk.getBloomFilterOffset() >= 0)
                .map(chunk -> name(schema, chunk))
                .distinct()
                .toList();
    }

    private static String name(Schema schema, ColumnChunkMetaData chunk) {
        Type.ID id = chunk.getPrimitiveType().getId();
        String name = id == null ? null : schema.findColumnName(id.intValue());
        return name == null ? chunk.getPath().toDotString() : name;
    }

    /** A phrase for the plan and the report that begins with a semicolon; empty if there are no filters. */
    public String describe() {
        return (made.isEmpty() ? "" : "; bloom filters made for " + named(made))
                + (dropped.isEmpty()
                        ? ""
                        : "; bloom filters of the inputs dropped for " + named(dropped) + ", since no table property "
                                + TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + "… asks for them");
    }

    private static String named(List<String> columns) {
        return columns.stream().collect(Collectors.joining(", "));
    }
}
