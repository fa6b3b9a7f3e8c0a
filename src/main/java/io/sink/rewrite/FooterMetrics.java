package io.sink.rewrite;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * What a footer counts and bounds, by field id, to be compared with a manifest entry. Iceberg has a method for this,
 * which takes as long for a small file as all other checks of its footer.
 *
 * @param values entries of each column whose chunks all have statistics; not of columns within lists and maps
 * @param sizes compressed bytes of each column
 * @param lower the least value of each column, in Iceberg's representation, or as bytes where that is bytes; not of
 *     columns with other units than Iceberg's
 * @param upper the largest
 */
record FooterMetrics(
        Map<Integer, Long> values, Map<Integer, Long> sizes, Map<Integer, Object> lower, Map<Integer, Object> upper) {

    /**
     * A leaf column of a file.
     *
     * @param id its field id; null if it has none
     * @param repeated whether it is within a list or a map
     */
    record Leaf(PrimitiveType type, @Nullable Integer id, boolean repeated) {
        static Leaf of(ColumnDescriptor column) {
            PrimitiveType type = column.getPrimitiveType();
            return new Leaf(
                    type, type.getId() == null ? null : type.getId().intValue(), column.getMaxRepetitionLevel() > 0);
        }
    }

    /** @param leaves the file's leaf columns; each row group has a chunk for each, in this order */
    static FooterMetrics of(ParquetMetadata footer, List<Leaf> leaves) {
        FooterMetrics metrics = new FooterMetrics(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
        for (int i = 0; i < leaves.size(); i++) {
            Integer id = leaves.get(i).id();
            if (id != null && !footer.getBlocks().isEmpty()) {
                metrics.add(footer, i, leaves.get(i), id);
            }
        }
        return metrics;
    }

    private void add(ParquetMetadata footer, int number, Leaf leaf, int id) {
        long entries = 0;
        long bytes = 0;
        boolean counted = !leaf.repeated() && leaf.type().getPrimitiveTypeName() != PrimitiveTypeName.INT96;
        Statistics<?> all = null;
        for (BlockMetaData rowGroup : footer.getBlocks()) {
            ColumnChunkMetaData chunk = rowGroup.getColumns().get(number);
            bytes += chunk.getTotalSize();
            entries += chunk.getValueCount();
            Statistics<?> statistics = chunk.getStatistics();
            counted &= statistics != null && !statistics.isEmpty();
            if (counted) {
                all = all == null ? statistics : merged(all, statistics);
            }
        }
        sizes.put(id, bytes);
        if (counted) {
            values.put(id, entries);
        }
        if (counted && all != null && all.hasNonNullValue()) {
            Object least = value(leaf.type(), all.genericGetMin());
            Object most = value(leaf.type(), all.genericGetMax());
            if (least != null && most != null) {
                lower.put(id, least);
                upper.put(id, most);
            }
        }
    }

    private static Statistics<?> merged(Statistics<?> one, Statistics<?> other) {
        Statistics<?> both = one.copy();
        both.mergeStatistics(other);
        return both;
    }

    /** The value as Iceberg has it; null if it is not a number or has another unit. */
    private static @Nullable Object value(PrimitiveType type, Object value) {
        LogicalTypeAnnotation kind = type.getLogicalTypeAnnotation();
        if (kind instanceof DecimalLogicalTypeAnnotation decimal) {
            if (value instanceof Binary none && none.length() == 0) {
                return null;
            }
            BigInteger unscaled = value instanceof Binary bytes
                    ? new BigInteger(bytes.getBytes())
                    : BigInteger.valueOf(((Number) value).longValue());
            return new BigDecimal(unscaled, decimal.getScale());
        }
        if (value instanceof Binary bytes) {
            return bytes.toByteBuffer();
        }
        boolean same = !(kind instanceof IntLogicalTypeAnnotation integer && !integer.isSigned())
                && !(kind instanceof TimeLogicalTypeAnnotation time && time.getUnit() != TimeUnit.MICROS)
                && !(kind instanceof TimestampLogicalTypeAnnotation time && time.getUnit() == TimeUnit.MILLIS);
        boolean number = !(value instanceof Float one && one.isNaN()) && !(value instanceof Double two && two.isNaN());
        return same && number ? value : null;
    }
}
