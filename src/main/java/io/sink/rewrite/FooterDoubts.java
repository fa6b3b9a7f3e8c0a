package io.sink.rewrite;

import io.sink.rows.RowFiles;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Looks for contradictions in a Parquet footer. No checksum covers a footer, and with a wrong field id, type or
 * repetition a column reads as missing, or has other values, without an error.
 *
 * <p>A footer is compared with its own parts, the manifest entry, the table's schemas, and the schema that Iceberg's
 * writers leave in the file. What some writers are known to count in their own way is no contradiction.
 *
 * @ref LLP 0008#footers
 */
final class FooterDoubts {
    private static final MetricsConfig EVERYTHING =
            MetricsConfig.from(Map.of(TableProperties.DEFAULT_WRITE_METRICS_MODE, "full"), new Schema(), null);

    private static final int MAGIC = 4;

    private final Table table;
    private final Schema rows;
    private final DataFile entry;
    private final ParquetMetadata footer;
    private final MessageType stored;
    private final Map<Integer, List<Type>> nodes = new HashMap<>();

    private FooterDoubts(Table table, DataFile entry, ParquetMetadata footer) {
        this.table = table;
        this.rows = RowFiles.schema(table);
        this.entry = entry;
        this.footer = footer;
        this.stored = PageFacts.fileSchema(table, footer);
    }

    /**
     * The first contradiction in the footer of a data file, as a phrase; null if there is none.
     *
     * @param entry the manifest entry of the file, with its metrics if it has any
     */
    static @Nullable String of(Table table, DataFile entry, ParquetMetadata footer) {
        FooterDoubts doubts = new FooterDoubts(table, entry, footer);
        return first(
                () -> doubts.collect(doubts.stored, List.of()),
                doubts::rowGroups,
                doubts::chunkPlaces,
                doubts::places,
                doubts::names,
                doubts::writersSchema,
                doubts::manifest);
    }

    private interface Look {
        @Nullable
        String doubt();
    }

    private static @Nullable String first(Look... looks) {
        for (Look look : looks) {
            String doubt = look.doubt();
            if (doubt != null) {
                return doubt;
            }
        }
        return null;
    }

    /** Collects the nodes by field id; each id may occur only once. */
    private @Nullable String collect(GroupType group, List<Type> above) {
        for (Type node : group.getFields()) {
            List<Type> path = new ArrayList<>(above);
            path.add(node);
            if (node.getId() != null && nodes.put(node.getId().intValue(), path) != null) {
                return "field id " + node.getId() + " is there twice";
            }
            String inside = node.isPrimitive() ? null : collect(node.asGroupType(), path);
            if (inside != null) {
                return inside;
            }
        }
        return null;
    }

    /** Each row group must have a chunk for each column of the schema, in its order, with entries for every row. */
    private @Nullable String rowGroups() {
        List<ColumnDescriptor> columns = footer.getFileMetaData().getSchema().getColumns();
        long records = 0;
        for (BlockMetaData rowGroup : footer.getBlocks()) {
            records += rowGroup.getRowCount();
            if (rowGroup.getColumns().size() != columns.size()) {
                return rowGroup.getColumns().size() + " column chunks in a row group, and " + columns.size()
                        + " columns in the schema";
            }
            for (int i = 0; i < columns.size(); i++) {
                String doubt =
                        chunk(rowGroup, columns.get(i), rowGroup.getColumns().get(i));
                if (doubt != null) {
                    return doubt;
                }
            }
        }
        return records == entry.recordCount()
                ? null
                : records + " rows, and " + entry.recordCount() + " in the manifest";
    }

    /** No two chunks may overlap, and none may lie outside the file. */
    private @Nullable String chunkPlaces() {
        long end = MAGIC;
        List<ColumnChunkMetaData> chunks = footer.getBlocks().stream()
                .flatMap(rowGroup -> rowGroup.getColumns().stream())
                .filter(chunk -> chunk.getValueCount() > 0)
                .sorted(Comparator.comparingLong(ColumnChunkMetaData::getStartingPos))
                .toList();
        for (ColumnChunkMetaData chunk : chunks) {
            if (chunk.getStartingPos() < end) {
                return "column chunk " + chunk.getPath().toDotString() + " at " + chunk.getStartingPos()
                        + " begins before another ends";
            }
            end = chunk.getStartingPos() + chunk.getTotalSize();
        }
        return end > entry.fileSizeInBytes() ? "a column chunk ends at " + end + ", beyond the end of the file" : null;
    }

    private static @Nullable String chunk(BlockMetaData rowGroup, ColumnDescriptor column, ColumnChunkMetaData chunk) {
        String name = String.join(".", column.getPath());
        long values = chunk.getValueCount();
        long count = rowGroup.getRowCount();
        if (!Arrays.equals(column.getPath(), chunk.getPath().toArray())) {
            return "a chunk of " + chunk.getPath().toDotString() + " in the place of " + name;
        }
        if (column.getMaxRepetitionLevel() == 0 ? values != count : values < count) {
            return "%d entries of column %s in a row group of %d rows".formatted(values, name, count);
        }
        Statistics<?> statistics = chunk.getStatistics();
        boolean nulls = statistics != null && statistics.isNumNullsSet() && statistics.getNumNulls() > 0;
        if (nulls && column.getMaxDefinitionLevel() == 0) {
            return "nulls in column " + name + ", which has no place for them";
        }
        SizeStatistics sizes = chunk.getSizeStatistics();
        return sizes == null
                        || fits(sizes.getDefinitionLevelHistogram(), column.getMaxDefinitionLevel(), values)
                                && fits(sizes.getRepetitionLevelHistogram(), column.getMaxRepetitionLevel(), values)
                ? null
                : "levels of column " + name + " are counted that its schema does not have";
    }

    /** Whether the counts have one entry for each level and sum up; writers may leave them out. */
    private static boolean fits(@Nullable List<Long> levels, int most, long values) {
        return levels == null
                || levels.isEmpty()
                || levels.size() == most + 1
                        && levels.stream().mapToLong(Long::longValue).sum() == values;
    }

    /** Each field must be inside the same parent as in the table: a field never moves. */
    private @Nullable String places() {
        Map<Integer, Integer> parents = TypeUtil.indexParents(rows.asStruct());
        for (Map.Entry<Integer, List<Type>> node : nodes.entrySet()) {
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

    /** Finds a column that seems missing, while the file has one of its name with an id that the table never gave. */
    private @Nullable String names() {
        if (footer.getBlocks().isEmpty()) {
            return null;
        }
        return unnamed(stored, rows.asStruct());
    }

    private @Nullable String unnamed(GroupType group, Types.StructType struct) {
        for (Types.NestedField field : struct.fields()) {
            List<Type> found = nodes.get(field.fieldId());
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

    /** Compares with the second schema, which Iceberg's writers leave in the file as JSON. */
    private @Nullable String writersSchema() {
        String json = footer.getFileMetaData().getKeyValueMetaData().get("iceberg.schema");
        MessageType said;
        try {
            said = json == null ? null : PageFacts.outputSchema(SchemaParser.fromJson(json));
        } catch (RuntimeException unread) {
            return null;
        }
        return said == null ? null : differing(said, List.of());
    }

    private @Nullable String differing(GroupType said, List<Type> above) {
        boolean exact = String.valueOf(footer.getFileMetaData().getCreatedBy()).startsWith("parquet-mr");
        for (Type node : said.getFields()) {
            List<Type> path = new ArrayList<>(above);
            path.add(node);
            if (node.getId() != null) {
                if (rows.findType(node.getId().intValue()) instanceof Types.VariantType) {
                    continue;
                }
                List<Type> found = nodes.get(node.getId().intValue());
                String doubt =
                        found == null ? "is not there" : exact && !alike(path, found) ? "is something else" : null;
                if (doubt != null) {
                    return "column %s (field id %s) of the schema that its writer left in it %s"
                            .formatted(node.getName(), node.getId(), doubt);
                }
            }
            String inside = node.isPrimitive() ? null : differing(node.asGroupType(), path);
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

    /** Compares counts, sizes and bounds by field id with the manifest. */
    private @Nullable String manifest() {
        if (entry.valueCounts() == null && entry.columnSizes() == null && entry.lowerBounds() == null) {
            return null;
        }
        for (Integer id : keys(entry.valueCounts())) {
            if (isLeaf(id) && !nodes.containsKey(id) && entry.recordCount() > 0) {
                return "column %s (field id %d) is not there, and the manifest counts its values"
                        .formatted(rows.findColumnName(id), id);
            }
        }
        Metrics said;
        try {
            String mapping = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
            said = ParquetUtil.footerMetrics(
                    footer, Stream.empty(), EVERYTHING, mapping == null ? null : NameMappingParser.fromJson(mapping));
        } catch (RuntimeException unread) {
            return null;
        }
        String values = compared("entries", entry.valueCounts(), said.valueCounts(), this::sameCount);
        if (values != null) {
            return values;
        }
        String sizes = compared("bytes", entry.columnSizes(), said.columnSizes(), (id, pair) -> pair.same());
        if (sizes != null) {
            return sizes;
        }
        String lower =
                compared("lower bounds", entry.lowerBounds(), said.lowerBounds(), (id, pair) -> within(id, pair, 1));
        return lower != null
                ? lower
                : compared("upper bounds", entry.upperBounds(), said.upperBounds(), (id, pair) -> within(id, pair, -1));
    }

    private boolean isLeaf(int id) {
        Types.NestedField field = rows.findField(id);
        return field != null && field.type().isPrimitiveType() && field.type().typeId() != TypeID.UNKNOWN;
    }

    private static Set<Integer> keys(@Nullable Map<Integer, ?> map) {
        return map == null ? Set.of() : map.keySet();
    }

    /** A value of one column in the manifest and in the footer. */
    private record Pair(Object manifest, Object footer) {
        boolean same() {
            return manifest.equals(footer);
        }
    }

    /** Some writers count rows instead of entries of repeated fields. */
    private boolean sameCount(int id, Pair pair) {
        return pair.same() || pair.manifest().equals(entry.recordCount());
    }

    /**
     * Finds a column for which the manifest differs from the footer, if they agree on another: a writer that counts in
     * its own way does so for every column.
     */
    private @Nullable String compared(
            String what,
            @Nullable Map<Integer, ?> manifest,
            @Nullable Map<Integer, ?> found,
            BiPredicate<Integer, Pair> fits) {
        Set<Integer> both = new HashSet<>(keys(manifest));
        both.retainAll(keys(found));
        boolean agrees = false;
        Integer differs = null;
        for (Integer id : both) {
            if (!isLeaf(id)) {
                continue;
            }
            Pair pair = new Pair(
                    Objects.requireNonNull(Objects.requireNonNull(manifest).get(id)),
                    Objects.requireNonNull(Objects.requireNonNull(found).get(id)));
            agrees |= pair.same();
            differs = fits.test(id, pair) ? differs : id;
        }
        return agrees && differs != null
                ? "column %s (field id %d): its %s are not what the manifest says"
                        .formatted(rows.findColumnName(differs), differs, what)
                : null;
    }

    /** Whether the footer's bound is within the manifest's, which may be wider. */
    private boolean within(int id, Pair pair, int sign) {
        org.apache.iceberg.types.Type type = rows.findType(id);
        switch (type.typeId()) {
            case INTEGER, LONG, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO, DECIMAL, FLOAT, DOUBLE -> {}
            default -> {
                return true;
            }
        }
        try {
            Object manifest = Conversions.fromByteBuffer(type, (ByteBuffer) pair.manifest());
            Object found = Conversions.fromByteBuffer(type, (ByteBuffer) pair.footer());
            if (manifest instanceof Number one && found instanceof Number other && !(manifest instanceof Long)) {
                double difference = other.doubleValue() - one.doubleValue();
                return Double.isNaN(difference) || sign * difference >= 0;
            }
            @SuppressWarnings("unchecked")
            int order = ((Comparable<Object>) found).compareTo(manifest);
            return sign * order >= 0;
        } catch (RuntimeException unread) {
            return true;
        }
    }
}
