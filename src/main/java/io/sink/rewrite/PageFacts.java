package io.sink.rewrite;

import io.sink.pages.SourceFile;
import io.sink.rows.RowFiles;
import io.sink.text.Human;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * The facts from a data file's footer that decide whether the file may be merged by its pages.
 *
 * @param obstacle why it may not be; null if it may
 * @param rowGroupBytes compressed bytes of each row group
 * @param footprint sizes of this one file
 */
record PageFacts(@Nullable String obstacle, List<Long> rowGroupBytes, Footprint footprint) {
    /** One array holds a chunk, and one of twice its length the result. */
    private static final long MOST_OF_CHUNK = Integer.MAX_VALUE / 2;

    PageFacts {
        rowGroupBytes = List.copyOf(rowGroupBytes);
    }

    /** The facts of one file. */
    static PageFacts of(Table table, DataFile file, ParquetMetadata footer, FileSchema schema) {
        List<Long> sizes = footer.getBlocks().stream()
                .map(block -> block.getColumns().stream()
                        .mapToLong(ColumnChunkMetaData::getTotalSize)
                        .sum())
                .toList();
        return new PageFacts(obstacle(table, file, footer, schema), sizes, Footprint.of(footer));
    }

    private static @Nullable String obstacle(Table table, DataFile file, ParquetMetadata footer, FileSchema schema) {
        String writer = SourceFile.obstacle(footer.getFileMetaData().getCreatedBy());
        if (writer != null) {
            return writer;
        }
        long largest = footer.getBlocks().stream()
                .flatMap(block -> block.getColumns().stream())
                .mapToLong(ColumnChunkMetaData::getTotalSize)
                .max()
                .orElse(0);
        if (largest > MOST_OF_CHUNK) {
            return "a column chunk of " + Human.bytes(largest) + ", more than the " + Human.bytes(MOST_OF_CHUNK)
                    + " that can be merged";
        }
        return footer.getBlocks().isEmpty()
                ? null
                : Origins.of(table, file, schema).obstacle();
    }

    /** The schema of the files to be written, as Iceberg's own writer makes it. */
    static MessageType outputSchema(Schema rows) {
        return ParquetSchemaUtil.convert(rows, "table");
    }

    /** The file's schema with field ids: its own, else those of the table's name mapping, if it has one. */
    static MessageType fileSchema(Table table, ParquetMetadata footer) {
        MessageType schema = footer.getFileMetaData().getSchema();
        String mapping = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
        return ParquetSchemaUtil.hasIds(schema) || mapping == null
                ? schema
                : ParquetSchemaUtil.applyNameMapping(schema, NameMappingParser.fromJson(mapping));
    }

    /**
     * Why files of this group may not be merged by their pages, by the table and its schema; null if they may.
     */
    static @Nullable String obstacle(Table table, FileGroup group) {
        if (OutputFormat.of(table) != FileFormat.PARQUET) {
            return "the table writes " + OutputFormat.of(table).name().toLowerCase(Locale.ROOT);
        }
        if (group.repartition()) {
            return "rows move to partitions of the current spec";
        }
        if (table.sortOrder().isSorted()) {
            return "rows are sorted by the table's sort order";
        }
        Schema rows = RowFiles.schema(table);
        Map<Integer, Types.NestedField> fields = TypeUtil.indexById(rows.asStruct());
        for (Types.NestedField field : fields.values()) {
            Type type = field.type();
            switch (type.typeId()) {
                case VARIANT, GEOMETRY, GEOGRAPHY -> {
                    return "column " + rows.findColumnName(field.fieldId()) + " is of type "
                            + type.typeId().name().toLowerCase(Locale.ROOT);
                }
                default -> {}
            }
        }
        return oddName(rows, fields) != null ? oddName(rows, fields) : nestedPartitionSource(table, group);
    }

    /** Metrics are configured by the table's column names, but read back by the file's, which have letters replaced. */
    private static @Nullable String oddName(Schema rows, Map<Integer, Types.NestedField> fields) {
        List<String> written = new ArrayList<>();
        outputSchema(rows).getPaths().forEach(path -> written.addAll(List.of(path)));
        return fields.values().stream()
                .filter(field -> field.type().typeId() != Type.TypeID.UNKNOWN)
                .map(Types.NestedField::name)
                .filter(name -> !written.contains(name))
                .findFirst()
                .map(name -> "column " + name + " is spelled differently in Parquet")
                .orElse(null);
    }

    /** A partition constant replaces stored values; inside a struct it would need the levels of the struct. */
    private static @Nullable String nestedPartitionSource(Table table, FileGroup group) {
        PartitionSpec spec = RowFiles.spec(table, group.specId());
        return spec.fields().stream()
                .filter(field -> field.transform().isIdentity())
                .map(PartitionField::sourceId)
                .filter(id -> RowFiles.schema(table).asStruct().field(id) == null)
                .findFirst()
                .map(id -> "partitioned by a nested column, field id " + id)
                .orElse(null);
    }

    /**
     * Whether files of about the target size can be made of whole row groups, so that the next run has nothing to do.
     *
     * @param rowGroups bytes of the row groups, in their order
     * @param target target size of a file, in bytes
     */
    static boolean divides(List<Long> rowGroups, long target) {
        long left = rowGroups.stream().mapToLong(Long::longValue).sum();
        int files = OutputSize.files(left, target);
        if (files == 1) {
            return left <= CandidateSize.most(target);
        }
        int odd = 0;
        long open = 0;
        long wanted = left / files;
        for (int i = 0; i < rowGroups.size(); i++) {
            long size = rowGroups.get(i);
            if (open > 0 && open + size / 2 > wanted) {
                odd += CandidateSize.fits(open, target) ? 0 : 1;
                left -= open;
                open = 0;
                wanted = left / OutputSize.files(left, target);
            }
            open += size;
        }
        odd += CandidateSize.fits(open, target) ? 0 : 1;
        return odd <= 1
                && IntStream.range(0, rowGroups.size()).noneMatch(i -> rowGroups.get(i) > CandidateSize.most(target));
    }

    /** Sizes that keep a file from being rewritten again, with a margin for the error of estimates. */
    private static final class CandidateSize {
        static long most(long target) {
            return (long) (target * 1.7);
        }

        static boolean fits(long size, long target) {
            return size >= 0.8 * target && size <= most(target);
        }
    }
}
