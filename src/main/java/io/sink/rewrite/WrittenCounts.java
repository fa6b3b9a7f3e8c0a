package io.sink.rewrite;

import io.sink.rows.LeafNulls;
import io.sink.rows.RowFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Rows and nulls of a file, as its footer in storage has them, or its rows where no footer says.
 *
 * @param rows its rows
 * @param nulls its nulls by the field id of each leaf, as {@link LeafNulls} counts them
 * @param ragged a column that has not an entry for every row of a row group; null where there is none
 */
record WrittenCounts(
        long rows, Map<Integer, Long> nulls, @Nullable String ragged) {
    WrittenCounts {
        nulls = Map.copyOf(nulls);
    }

    /**
     * Opens the file anew and reads its footer; and its rows too, where the footer leaves out a column's nulls, or
     * where the format has no such footer.
     *
     * @param schema as the file was written
     */
    static WrittenCounts read(InputFile file, FileFormat format, Schema schema) {
        if (format != FileFormat.PARQUET) {
            return count(file, format, schema);
        }
        ParquetMetadata footer = ParquetFooter.read(file);
        long rows = footer.getBlocks().stream()
                .mapToLong(BlockMetaData::getRowCount)
                .sum();
        Map<Integer, Long> nulls = nulls(footer);
        return new WrittenCounts(
                rows, nulls == null ? count(file, format, schema).nulls() : nulls, ragged(footer));
    }

    private static @Nullable String ragged(ParquetMetadata footer) {
        MessageType schema = footer.getFileMetaData().getSchema();
        for (BlockMetaData block : footer.getBlocks()) {
            for (ColumnChunkMetaData column : block.getColumns()) {
                boolean flat = schema.getMaxRepetitionLevel(column.getPath().toArray()) == 0;
                if (flat
                        ? column.getValueCount() != block.getRowCount()
                        : column.getValueCount() < block.getRowCount()) {
                    return column.getPath().toDotString();
                }
            }
        }
        return null;
    }

    private static @Nullable Map<Integer, Long> nulls(ParquetMetadata footer) {
        MessageType schema = footer.getFileMetaData().getSchema();
        Map<Integer, Long> nulls = new HashMap<>();
        for (BlockMetaData block : footer.getBlocks()) {
            for (ColumnChunkMetaData column : block.getColumns()) {
                Integer id = leafId(schema, column.getPath().toArray());
                Statistics<?> statistics = column.getStatistics();
                if (id != null && (statistics == null || !statistics.isNumNullsSet())) {
                    return null;
                }
                if (id != null) {
                    nulls.merge(id, statistics.getNumNulls(), Long::sum);
                }
            }
        }
        return nulls;
    }

    /** The field id of a leaf column; that of the variant for a variant's metadata; null for the rest of a variant. */
    private static @Nullable Integer leafId(GroupType schema, String[] path) {
        GroupType parent = schema;
        for (int i = 0; i < path.length - 1; i++) {
            parent = parent.getType(path[i]).asGroupType();
        }
        Type leaf = parent.getType(path[path.length - 1]);
        if (leaf.getId() != null) {
            return leaf.getId().intValue();
        }
        return leaf.getName().equals("metadata") && parent.getId() != null
                ? parent.getId().intValue()
                : null;
    }

    private static WrittenCounts count(InputFile file, FileFormat format, Schema schema) {
        LeafNulls nulls = new LeafNulls(schema);
        long count = 0;
        try (CloseableIterable<Record> rows = RowFiles.written(file, format, schema)) {
            for (Record row : rows) {
                nulls.add(row);
                count++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new WrittenCounts(count, nulls.counts(), null);
    }
}
