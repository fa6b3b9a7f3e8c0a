package io.sink.rewrite;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
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
    private static final int MAGIC = 4;

    private final Table table;
    private final FileSchema schema;
    private final Schema rows;
    private final DataFile entry;
    private final ParquetMetadata footer;

    private FooterDoubts(Table table, DataFile entry, ParquetMetadata footer, FileSchema schema) {
        this.table = table;
        this.schema = schema;
        this.rows = schema.rows();
        this.entry = entry;
        this.footer = footer;
    }

    /**
     * The first contradiction in the footer of a data file, as a phrase; null if there is none.
     *
     * @param entry the manifest entry of the file, with its metrics if it has any
     * @param schema that of the footer
     */
    static @Nullable String of(Table table, DataFile entry, ParquetMetadata footer, FileSchema schema) {
        FooterDoubts doubts = new FooterDoubts(table, entry, footer, schema);
        return first(
                schema::doubt,
                doubts::rowGroups,
                doubts::chunkPlaces,
                () -> footer.getBlocks().isEmpty() ? null : schema.unnamed(),
                () -> schema.unlike(footer.getFileMetaData()),
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

    /** Compares counts, sizes and bounds by field id with the manifest. */
    private @Nullable String manifest() {
        if (entry.valueCounts() == null && entry.columnSizes() == null && entry.lowerBounds() == null) {
            return null;
        }
        for (Integer id : keys(entry.valueCounts())) {
            if (isLeaf(id) && !schema.has(id) && entry.recordCount() > 0) {
                return "column %s (field id %d) is not there, and the manifest counts its values"
                        .formatted(rows.findColumnName(id), id);
            }
        }
        FooterMetrics said = FooterMetrics.of(footer, schema.leaves());
        String values = compared("entries", entry.valueCounts(), said.values(), this::sameCount);
        if (values != null) {
            return values;
        }
        String sizes = compared("bytes", entry.columnSizes(), said.sizes(), (id, pair) -> pair.same());
        if (sizes != null) {
            return sizes;
        }
        String lower = compared(
                "lower bounds", bounds(entry.lowerBounds(), said.lower()), said.lower(), (id, pair) -> within(pair, 1));
        return lower != null
                ? lower
                : compared(
                        "upper bounds",
                        bounds(entry.upperBounds(), said.upper()),
                        said.upper(),
                        (id, pair) -> within(pair, -1));
    }

    /** The bounds of the manifest that the footer has too, in the same representation. */
    private Map<Integer, Object> bounds(@Nullable Map<Integer, ByteBuffer> manifest, Map<Integer, Object> footer) {
        Map<Integer, Object> bounds = new HashMap<>();
        footer.forEach((id, found) -> {
            ByteBuffer bytes = manifest == null ? null : manifest.get(id);
            if (bytes != null && isLeaf(id)) {
                try {
                    bounds.put(
                            id,
                            found instanceof ByteBuffer ? bytes : Conversions.fromByteBuffer(rows.findType(id), bytes));
                } catch (RuntimeException unread) {
                    // Not a bound of this type, and so of no use.
                }
            }
        });
        return bounds;
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
            return manifest.equals(footer)
                    || manifest instanceof Long one && footer instanceof Integer other && one == other.longValue()
                    || manifest instanceof Double two && footer instanceof Float last && two == last.doubleValue();
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
    private static boolean within(Pair pair, int sign) {
        if (pair.manifest() instanceof Long one && pair.footer() instanceof Number other) {
            return sign * Long.compare(other.longValue(), one) >= 0;
        }
        if (pair.manifest() instanceof Number one && pair.footer() instanceof Number other) {
            double difference = other.doubleValue() - one.doubleValue();
            return Double.isNaN(difference) || sign * difference >= 0;
        }
        return true;
    }
}
