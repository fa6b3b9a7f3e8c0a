package io.sink.rows;

import io.sink.table.Failures;
import io.sink.table.OrcShims;
import io.sink.table.SoundParquet;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericDataUtil;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.orc.GenericOrcReader;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.formats.FormatModel;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.formats.ReadBuilder;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.orc.ORCFormatModel;
import org.apache.iceberg.parquet.ParquetFormatModel;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** Reads single files as records, without applying deletes. */
public final class RowFiles {
    private static final int ROW_ID = MetadataColumns.ROW_ID.fieldId();
    private static final int UPDATED = MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId();

    /** Iceberg's own model of generic records in ORC, except that zeros keep their sign. */
    private static final FormatModel<Record, Object> ORC = ORCFormatModel.create(
            Record.class,
            Object.class,
            (schema, file, none) -> {
                throw new UnsupportedOperationException("nothing is written by this model");
            },
            (schema, file, none, constants) -> new SignedZeros(GenericOrcReader.buildReader(schema, file, constants)));

    private RowFiles() {}

    /** The columns that a rewrite reads and writes: those of the table, then row lineage from format version 3 on. */
    public static Schema schema(Table table) {
        return TableUtil.supportsRowLineage(table)
                ? MetadataColumns.schemaWithRowLineage(table.schema())
                : table.schema();
    }

    /**
     * The partition spec with this id.
     *
     * @throws NullPointerException if the table has no such spec, and so is broken
     */
    public static PartitionSpec spec(Table table, int id) {
        return Objects.requireNonNull(table.specs().get(id), () -> "partition spec " + id + " of " + table.name());
    }

    /**
     * All rows of a committed data file, as every reader of the table sees them: columns by field id, or by the table's
     * name mapping if the file has no ids; defaults, promotions and lineage applied.
     *
     * @param reuse whether a row may be overwritten by the next one
     */
    static CloseableIterable<Record> committed(Table table, DataFile file, Schema schema, boolean reuse) {
        AtomicReference<@Nullable UnaryOperator<Object>> correction = new AtomicReference<>();
        InputFile input = SoundParquet.of(table.io().newInputFile(file), file.format());
        String mapping = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
        NameMapping names = mapping == null ? null : NameMappingParser.fromJson(mapping);
        ReadBuilder<Record, ?> builder = (file.format() == FileFormat.PARQUET
                        ? correcting(correction, stored -> ShreddedFields.requireOnce(input, schema, stored, names))
                                .readBuilder(input)
                                .project(schema)
                        : builder(file.format(), input, schema))
                .idToConstant(constants(spec(table, file.specId()), file));
        if (names != null) {
            builder = builder.withNameMapping(names);
        }
        CloseableIterable<Record> rows = reuse ? builder.reuseContainers().build() : builder.build();
        return new NamedRows(file.location(), CloseableIterable.transform(rows, row -> {
            UnaryOperator<Object> corrected = correction.get();
            return corrected == null ? row : (Record) corrected.apply(row);
        }));
    }

    /**
     * Iceberg's own model of generic records in Parquet, which also finds the correction that rows of the file need.
     *
     * @param correction is set once the file's schema is known
     * @param look gets the file's schema, with field ids
     */
    private static FormatModel<Record, Void> correcting(
            AtomicReference<@Nullable UnaryOperator<Object>> correction, Consumer<MessageType> look) {
        return ParquetFormatModel.create(
                Record.class,
                Void.class,
                (schema, file, none) -> {
                    throw new UnsupportedOperationException("nothing is written by this model");
                },
                (schema, file, none, constants) -> {
                    look.accept(file);
                    correction.set(StoredValues.correction(schema, file, constants.keySet()));
                    return GenericParquetReaders.buildReader(schema, known(schema, file), constants);
                });
    }

    /**
     * Why Iceberg cannot make a reader for a file, in its own words; null if it can.
     *
     * @param stored the file's schema, with field ids
     */
    public static @Nullable String obstacle(Schema schema, MessageType stored) {
        try {
            GenericParquetReaders.buildReader(schema, known(schema, stored));
            return null;
        } catch (RuntimeException e) {
            return e instanceof NullPointerException ? "its layers are not those of its type" : Failures.message(e);
        }
    }

    /**
     * The wanted columns of the file, without groups that have no field id. Iceberg would make readers for the other
     * columns and groups too, and fail if it cannot.
     */
    private static MessageType known(Schema wanted, MessageType stored) {
        return new MessageType(
                stored.getName(),
                known(stored).stream()
                        .filter(field -> field.getId() == null
                                || wanted.asStruct().field(field.getId().intValue()) != null)
                        .toList());
    }

    private static List<org.apache.parquet.schema.Type> known(GroupType struct) {
        return struct.getFields().stream()
                .filter(field -> field.isPrimitive() || field.getId() != null)
                .map(RowFiles::within)
                .toList();
    }

    private static org.apache.parquet.schema.Type within(org.apache.parquet.schema.Type field) {
        if (field.isPrimitive() || field.getLogicalTypeAnnotation() != null) {
            return field;
        }
        List<org.apache.parquet.schema.Type> fields = known(field.asGroupType());
        return fields.isEmpty() ? field : field.asGroupType().withNewFields(fields);
    }

    /**
     * All rows of a file that this program wrote, as stored: a row without lineage gets none from its position.
     *
     * @param schema the schema that the file was written with
     */
    public static CloseableIterable<Record> written(InputFile file, FileFormat format, Schema schema) {
        return written(builder(format, file, schema), file, schema);
    }

    /** As {@link #written}, but a row is overwritten by the next one. */
    public static CloseableIterable<Record> writtenOnce(InputFile file, FileFormat format, Schema schema) {
        return written(builder(format, file, schema).reuseContainers(), file, schema);
    }

    private static CloseableIterable<Record> written(
            ReadBuilder<Record, Object> builder, InputFile file, Schema schema) {
        int id = schema.columns().indexOf(MetadataColumns.ROW_ID);
        int updated = schema.columns().indexOf(MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER);
        if (id < 0) {
            return new NamedRows(file.location(), builder.build());
        }
        // Iceberg's reader gives lineage only if the file has a first row id, and then computes what is missing. Here
        // it is made to compute negative values, which are never valid, and these are turned back into nulls.
        CloseableIterable<Record> rows = builder.idToConstant(Map.of(ROW_ID, Long.MIN_VALUE, UPDATED, -1L))
                .build();
        return new NamedRows(file.location(), CloseableIterable.transform(rows, row -> {
            for (int position : List.of(id, updated)) {
                if (row.get(position, Long.class) < 0) {
                    row.set(position, null);
                }
            }
            return row;
        }));
    }

    static ReadBuilder<Record, Object> builder(FileFormat format, InputFile file, Schema schema) {
        OrcShims.choose();
        return format == FileFormat.ORC
                ? ORC.readBuilder(file).project(schema)
                : FormatModelRegistry.<Record, Object>readBuilder(format, Record.class, file)
                        .project(schema);
    }

    /** Values of all rows by the manifest: lineage, unless a row stores its own, and identity partitions. */
    private static Map<Integer, @Nullable Object> constants(PartitionSpec spec, DataFile file) {
        Map<Integer, @Nullable Object> constants = new HashMap<>();
        if (file.firstRowId() != null) {
            // Both or neither: the readers of the formats differ if only one is given.
            constants.put(ROW_ID, file.firstRowId());
            constants.put(UPDATED, file.dataSequenceNumber());
        }
        List<Types.NestedField> values = spec.partitionType().fields();
        for (int pos = 0; pos < values.size(); pos++) {
            PartitionField field = spec.fields().get(pos);
            if (field.transform().isIdentity()) {
                constants.put(
                        field.sourceId(),
                        generic(values.get(pos).type(), file.partition().get(pos, Object.class)));
            }
        }
        return constants;
    }

    /** A partition value as records hold it. Iceberg's own conversion leaves times in nanoseconds as numbers. */
    private static @Nullable Object generic(Type type, @Nullable Object value) {
        return switch (type.typeId()) {
            case STRING -> value == null ? null : value.toString();
            case FIXED -> value instanceof ByteBuffer bytes ? ByteBuffers.toByteArray(bytes) : value;
            default -> GenericDataUtil.internalToGeneric(type, value);
        };
    }
}
