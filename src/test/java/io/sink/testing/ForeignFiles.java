package io.sink.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.GeographyLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.GeometryLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.VariantLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/** Tables of Parquet files that other writers made, as {@code add_files} would register them: by a name mapping. */
public final class ForeignFiles {
    private ForeignFiles() {}

    /**
     * Makes a table of a file's columns, and adds copies of the file to it.
     *
     * @param ignored top-level columns that the table does not have
     */
    public static BaseTable register(FileIO io, String location, Path file, int copies, String... ignored) {
        ParquetMetadata footer = footer(file);
        MessageType stored = footer.getFileMetaData().getSchema();
        TableMetadata metadata = TableMetadata.newTableMetadata(
                schema(stored, List.of(ignored)),
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                location,
                Map.of("format-version", "3"));
        // A new table gives its columns ids of its own.
        NameMapping mapping = MappingUtil.create(metadata.schema());
        BaseTable table = Pen.create(
                        io,
                        true,
                        metadata.replaceProperties(
                                Map.of("schema.name-mapping.default", NameMappingParser.toJson(mapping))))
                .table();
        AppendFiles append = table.newAppend();
        for (int i = 0; i < copies; i++) {
            String copy = location + "/data/" + i + "-" + file.getFileName();
            copy(io, file, copy);
            append.appendFile(DataFiles.builder(table.spec())
                    .withPath(copy)
                    .withFormat("parquet")
                    .withFileSizeInBytes(file.toFile().length())
                    .withMetrics(metrics(io, copy, footer, mapping))
                    .build());
        }
        append.commit();
        return table;
    }

    /** The schema of a file with the field ids that {@link #register} gives its columns. */
    public static MessageType numbered(MessageType stored) {
        Schema columns = TableMetadata.newTableMetadata(
                        schema(stored, List.of()),
                        PartitionSpec.unpartitioned(),
                        "nowhere",
                        Map.of("format-version", "3"))
                .schema();
        return ParquetSchemaUtil.applyNameMapping(stored, MappingUtil.create(columns));
    }

    /** Copies a file to a location. */
    public static void copy(FileIO io, Path file, String to) {
        try (var out = io.newOutputFile(to).create()) {
            Files.copy(file, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As an importer takes them out of the footer; where it cannot, the number of rows alone. */
    public static Metrics metrics(FileIO io, String file, ParquetMetadata footer, NameMapping mapping) {
        try {
            return ParquetUtil.fileMetrics(io.newInputFile(file), MetricsConfig.getDefault(), mapping);
        } catch (RuntimeException unread) {
            return new Metrics(footer.getBlocks().stream()
                    .mapToLong(block -> block.getRowCount())
                    .sum());
        }
    }

    /** The file's footer, as Parquet reads it. */
    public static ParquetMetadata footer(Path file) {
        try (ParquetFileReader reader = new ParquetFileReader(
                new LocalInputFile(file), ParquetReadOptions.builder().build())) {
            return reader.getFooter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The columns as a table would have them that was made for the file. */
    static Schema schema(MessageType stored, List<String> ignored) {
        int[] last = new int[1];
        List<NestedField> columns = fields(
                stored.getFields().stream()
                        .filter(field -> !ignored.contains(field.getName()))
                        .toList(),
                node -> ++last[0]);
        return new Schema(columns);
    }

    /**
     * The columns as a table would have them that was made for them.
     *
     * @param ids gives the id of what is stored so, or of a layer that the file does not store
     */
    static List<NestedField> fields(
            List<org.apache.parquet.schema.Type> stored, ToIntFunction<org.apache.parquet.schema.@Nullable Type> ids) {
        List<NestedField> fields = new ArrayList<>();
        for (org.apache.parquet.schema.Type field : stored) {
            int id = ids.applyAsInt(field);
            Type type = field.isRepetition(Repetition.REPEATED)
                    ? Types.ListType.ofRequired(ids.applyAsInt(null), type(field, ids))
                    : type(field, ids);
            fields.add(
                    field.isRepetition(Repetition.REQUIRED)
                            ? NestedField.required(id, field.getName(), type)
                            : NestedField.optional(id, field.getName(), type));
        }
        return fields;
    }

    private static Type type(
            org.apache.parquet.schema.Type stored, ToIntFunction<org.apache.parquet.schema.@Nullable Type> ids) {
        return stored.isPrimitive() ? type(stored.asPrimitiveType()) : type(stored.asGroupType(), ids);
    }

    private static Type type(GroupType group, ToIntFunction<org.apache.parquet.schema.@Nullable Type> ids) {
        LogicalTypeAnnotation kind = group.getLogicalTypeAnnotation();
        if (kind instanceof VariantLogicalTypeAnnotation) {
            return Types.VariantType.get();
        }
        if (kind instanceof ListLogicalTypeAnnotation && group.getFieldCount() == 1) {
            org.apache.parquet.schema.Type repeated = group.getType(0);
            boolean twoLevels = repeated.isPrimitive()
                    || repeated.asGroupType().getFieldCount() > 1
                    || repeated.getName().equals("array")
                    || repeated.getName().equals(group.getName() + "_tuple");
            org.apache.parquet.schema.Type element =
                    twoLevels ? repeated : repeated.asGroupType().getType(0);
            int id = ids.applyAsInt(element);
            return element.isRepetition(Repetition.OPTIONAL)
                    ? Types.ListType.ofOptional(id, type(element, ids))
                    : Types.ListType.ofRequired(id, type(element, ids));
        }
        if (kind instanceof MapLogicalTypeAnnotation || kind instanceof MapKeyValueTypeAnnotation) {
            GroupType entry = group.getType(0).asGroupType();
            int key = ids.applyAsInt(entry.getType(0));
            int value = ids.applyAsInt(entry.getFieldCount() < 2 ? null : entry.getType(1));
            Type of = type(entry.getType(0), ids);
            return entry.getFieldCount() < 2 || entry.getType(1).isRepetition(Repetition.OPTIONAL)
                    ? Types.MapType.ofOptional(
                            key,
                            value,
                            of,
                            entry.getFieldCount() < 2 ? Types.StringType.get() : type(entry.getType(1), ids))
                    : Types.MapType.ofRequired(key, value, of, type(entry.getType(1), ids));
        }
        return Types.StructType.of(fields(group.getFields(), ids));
    }

    private static Type type(PrimitiveType stored) {
        LogicalTypeAnnotation said = stored.getLogicalTypeAnnotation();
        if (said instanceof DecimalLogicalTypeAnnotation decimal) {
            return Types.DecimalType.of(decimal.getPrecision(), decimal.getScale());
        }
        if (said instanceof DateLogicalTypeAnnotation) {
            return Types.DateType.get();
        }
        if (said instanceof TimeLogicalTypeAnnotation) {
            return Types.TimeType.get();
        }
        if (said instanceof TimestampLogicalTypeAnnotation time) {
            boolean nanos = time.getUnit() == TimeUnit.NANOS;
            return time.isAdjustedToUTC()
                    ? nanos ? Types.TimestampNanoType.withZone() : Types.TimestampType.withZone()
                    : nanos ? Types.TimestampNanoType.withoutZone() : Types.TimestampType.withoutZone();
        }
        if (said instanceof Float16LogicalTypeAnnotation) {
            return Types.FloatType.get();
        }
        if (said instanceof GeometryLogicalTypeAnnotation geometry) {
            return geometry.getCrs() == null ? Types.GeometryType.crs84() : Types.GeometryType.of(geometry.getCrs());
        }
        if (said instanceof GeographyLogicalTypeAnnotation geography) {
            return geography.getCrs() == null
                    ? Types.GeographyType.crs84()
                    : Types.GeographyType.of(geography.getCrs());
        }
        if (said instanceof UUIDLogicalTypeAnnotation) {
            return Types.UUIDType.get();
        }
        if (said instanceof StringLogicalTypeAnnotation
                || said instanceof EnumLogicalTypeAnnotation
                || said instanceof JsonLogicalTypeAnnotation) {
            return Types.StringType.get();
        }
        return switch (stored.getPrimitiveTypeName()) {
            case BOOLEAN -> Types.BooleanType.get();
            case INT32 -> isUnsigned(said, 32) ? Types.LongType.get() : Types.IntegerType.get();
            case INT64 -> Types.LongType.get();
            case INT96 -> Types.TimestampType.withoutZone();
            case FLOAT -> Types.FloatType.get();
            case DOUBLE -> Types.DoubleType.get();
            case BINARY -> Types.BinaryType.get();
            case FIXED_LEN_BYTE_ARRAY -> Types.FixedType.ofLength(stored.getTypeLength());
        };
    }

    private static boolean isUnsigned(LogicalTypeAnnotation said, int bits) {
        return said instanceof IntLogicalTypeAnnotation number && !number.isSigned() && number.getBitWidth() == bits;
    }

    /** The rows of a file as Parquet's own example reads them, without the lineage that a rewrite gives them. */
    public static List<String> examples(Path file) throws IOException {
        List<String> rows = new ArrayList<>();
        try (ParquetReader<Group> reader = new ParquetReader.Builder<Group>(new LocalInputFile(file)) {
            @Override
            protected ReadSupport<Group> getReadSupport() {
                return new GroupReadSupport();
            }
        }.build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                rows.add(row.toString().replaceAll("_row_id: \\d+\n_last_updated_sequence_number: \\d+\n", ""));
            }
        }
        return rows;
    }

    /** The names of the table's columns, for SQL. */
    public static String columns(Schema schema) {
        return schema.columns().stream()
                .map(column -> "\"" + column.name().replace("\"", "\"\"") + "\"")
                .collect(Collectors.joining(", "));
    }
}
