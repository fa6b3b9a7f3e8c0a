package io.sink.rewrite;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema.Field;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.orc.TypeDescription;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Compares the field ids in a file of any format with the manifest, the table's schemas and the schema that the writer
 * left in the file. With a wrong id a column reads as missing, or as another one, without an error; in an equality
 * delete file it brings deleted rows back. {@link FooterDoubts} checks more of the footers of Parquet data files.
 *
 * @param columns the full name of each field in the file, by its id
 * @param unnumbered the full names of the fields without an id; not of elements, keys and values in Avro, which
 *     readers find without one
 * @param written the second schema that Iceberg's writers leave in a file, as JSON; null if there is none
 * @param own whether the ids are in the file, and not derived from names
 * @ref LLP 0008#footers
 */
record ColumnDoubts(
        Map<Integer, String> columns,
        Set<String> unnumbered,
        @Nullable String written,
        boolean own) {
    /** The ids in an Avro file. */
    static ColumnDoubts of(org.apache.avro.Schema stored, @Nullable String written) {
        ColumnDoubts doubts = new ColumnDoubts(new HashMap<>(), new HashSet<>(), written, true);
        doubts.collect(stored, "");
        return doubts;
    }

    /** The ids in an ORC file. */
    static ColumnDoubts of(TypeDescription stored, boolean own) {
        ColumnDoubts doubts = new ColumnDoubts(new HashMap<>(), new HashSet<>(), null, own);
        doubts.collect(stored, "");
        return doubts;
    }

    /** The ids in a Parquet file. */
    static ColumnDoubts of(MessageType stored, @Nullable String written) {
        Schema schema = ParquetSchemaUtil.convertAndPrune(stored);
        return new ColumnDoubts(TypeUtil.indexNameById(schema.asStruct()), Set.of(), written, true);
    }

    /** The first contradiction, as a phrase; null if there is none. */
    @Nullable
    String of(Table table, ContentFile<?> file) {
        if (file instanceof DeleteFile delete) {
            for (Integer id : delete.equalityFieldIds()) {
                if (!columns.containsKey(id)) {
                    return "field id " + id + ", by which it deletes, is not there";
                }
            }
        }
        if (columns.isEmpty() || file.recordCount() == 0) {
            return null;
        }
        String doubt = counted(table, file);
        if (doubt == null && file instanceof DataFile) {
            doubt = nameless(table);
        }
        if (doubt == null) {
            doubt = writersSchema();
        }
        return doubt != null || !own ? doubt : names(table);
    }

    /** The file must have every column whose values its manifest counts. */
    private @Nullable String counted(Table table, ContentFile<?> file) {
        Map<Integer, Long> counts = file.valueCounts();
        for (Integer id : counts == null ? Set.<Integer>of() : counts.keySet()) {
            Types.NestedField field = table.schema().findField(id);
            Long count = counts.get(id);
            if (field != null
                    && field.type().isPrimitiveType()
                    && !columns.containsKey(id)
                    && count != null
                    && count > 0) {
                return "column %s (field id %d) is not there, and the manifest counts its values"
                        .formatted(table.schema().findColumnName(id), id);
            }
        }
        return null;
    }

    /** Finds a column that seems missing, while the file has one of its name without an id. */
    private @Nullable String nameless(Table table) {
        for (Map.Entry<Integer, String> column :
                TypeUtil.indexNameById(table.schema().asStruct()).entrySet()) {
            if (!columns.containsKey(column.getKey()) && unnumbered.contains(spelled(column.getValue()))) {
                return "column %s has no field id, and the table's has %d"
                        .formatted(column.getValue(), column.getKey());
            }
        }
        return null;
    }

    private @Nullable String writersSchema() {
        Map<Integer, String> said;
        try {
            said = written == null
                    ? null
                    : TypeUtil.indexNameById(SchemaParser.fromJson(written).asStruct());
        } catch (RuntimeException unread) {
            return null;
        }
        for (Map.Entry<Integer, String> column :
                said == null ? Set.<Map.Entry<Integer, String>>of() : said.entrySet()) {
            String found = columns.get(column.getKey());
            if (found == null || !spelled(found).equals(spelled(column.getValue()))) {
                return "column %s (field id %d) of the schema that its writer left in it %s"
                        .formatted(
                                column.getValue(),
                                column.getKey(),
                                found == null ? "is not there" : "is called " + found);
            }
        }
        return null;
    }

    /** Finds a column under the id of another: the table never used this name for this id, and uses it for another. */
    private @Nullable String names(Table table) {
        Map<Integer, Schema> schemas = table.schemas();
        int newest = schemas.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
        if (schemas.size() != newest + 1) {
            // Schemas were removed, so that earlier names of columns may be unknown.
            return null;
        }
        Map<Integer, Set<String>> names = new HashMap<>();
        Map<String, Integer> ids = new HashMap<>();
        for (Schema schema : new TreeMap<>(schemas).values()) {
            TypeUtil.indexNameById(schema.asStruct()).forEach((id, name) -> {
                names.computeIfAbsent(id, any -> new HashSet<>()).add(spelled(name));
                ids.put(spelled(name), id);
            });
        }
        for (Map.Entry<Integer, String> column : columns.entrySet()) {
            if (MetadataColumns.metadataFieldIds().contains(column.getKey())) {
                continue;
            }
            Set<String> known = names.get(column.getKey());
            Integer other = ids.get(spelled(column.getValue()));
            if (other != null && (known == null || !known.contains(spelled(column.getValue())))) {
                return "column %s has field id %d, and the table's has %d"
                        .formatted(column.getValue(), column.getKey(), other);
            }
        }
        return null;
    }

    /** The name as Avro and Parquet spell it: they allow identifiers only. */
    private static String spelled(String name) {
        return Arrays.stream(name.split("\\.", -1))
                .map(part -> part.isEmpty() ? part : AvroSchemaUtil.makeCompatibleName(part))
                .collect(Collectors.joining("."));
    }

    private void collect(org.apache.avro.Schema schema, String above) {
        switch (schema.getType()) {
            case RECORD -> {
                for (Field field : schema.getFields()) {
                    if (!put(field, AvroSchemaUtil.FIELD_ID_PROP, above + field.name())) {
                        add(null, above + field.name());
                    }
                    collect(field.schema(), above + field.name() + ".");
                }
            }
            case UNION -> schema.getTypes().forEach(type -> collect(type, above));
            case ARRAY -> {
                org.apache.avro.Schema element = schema.getElementType();
                if (schema.getLogicalType() != null) {
                    // A map as an array of records of key and value.
                    collect(element, above);
                } else {
                    put(schema, AvroSchemaUtil.ELEMENT_ID_PROP, above + "element");
                    collect(element, above + "element.");
                }
            }
            case MAP -> {
                put(schema, AvroSchemaUtil.KEY_ID_PROP, above + "key");
                put(schema, AvroSchemaUtil.VALUE_ID_PROP, above + "value");
                collect(schema.getValueType(), above + "value.");
            }
            default -> {}
        }
    }

    /** Adds a node if it has an id. */
    private boolean put(JsonProperties node, String property, String name) {
        Object id = node.getObjectProp(property);
        if (id != null) {
            // Iceberg takes an id that is a text, too.
            add(Integer.valueOf(id.toString()), name);
        }
        return id != null;
    }

    private void collect(TypeDescription type, String above) {
        List<TypeDescription> children = type.getChildren();
        for (int i = 0; children != null && i < children.size(); i++) {
            String name = above
                    + switch (type.getCategory()) {
                        case STRUCT -> type.getFieldNames().get(i);
                        case LIST -> "element";
                        default -> i == 0 ? "key" : "value";
                    };
            String id = children.get(i).getAttributeValue(OrcHead.ID);
            add(id == null ? null : Integer.valueOf(id), name);
            collect(children.get(i), name + ".");
        }
    }

    /** An id that occurs twice gets a name that no column has. */
    private void add(@Nullable Integer id, String name) {
        if (id == null) {
            unnumbered.add(spelled(name));
        } else {
            columns.merge(id, name, (one, other) -> one + " and " + other);
        }
    }
}
