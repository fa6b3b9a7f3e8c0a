package io.sink.rewrite;

import io.sink.rows.LeafNulls;
import io.sink.rows.RowFiles;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * The evidence for a proof: what a written file holds, as it was read back from storage. It is sent back with the
 * group's result.
 *
 * @param location the location of the file
 * @param rowGroups the row groups in the file's order; one without leaves if the format has none
 * @param nulls the number of nulls by the field id of each leaf, as {@link LeafNulls} counts them
 */
public record FileEvidence(String location, List<RowGroup> rowGroups, Map<Integer, Long> nulls)
        implements Serializable {
    /**
     * One row group.
     *
     * @param rows its number of rows
     * @param leaves its leaf columns by their dotted paths in the file
     */
    public record RowGroup(long rows, Map<String, Leaf> leaves) implements Serializable {
        public RowGroup {
            leaves = Map.copyOf(leaves);
        }
    }

    /**
     * One column chunk.
     *
     * @param elements number of values and nulls
     * @param repeated whether a row may have more than one element
     */
    public record Leaf(long elements, boolean repeated) implements Serializable {}

    public FileEvidence {
        rowGroups = List.copyOf(rowGroups);
        nulls = Map.copyOf(nulls);
    }

    /**
     * Opens the file anew and reads its footer. Reads its rows too if the footer does not count the nulls of a column,
     * or the format has no such footer.
     *
     * @param schema the schema that the file was written with
     */
    static FileEvidence read(InputFile file, FileFormat format, Schema schema) {
        if (format != FileFormat.PARQUET) {
            return counted(file, format, schema, List.of());
        }
        ParquetMetadata footer = ParquetFooter.read(file);
        MessageType written = footer.getFileMetaData().getSchema();
        List<RowGroup> rowGroups = new ArrayList<>();
        for (BlockMetaData block : footer.getBlocks()) {
            Map<String, Leaf> leaves = new HashMap<>();
            for (ColumnChunkMetaData chunk : block.getColumns()) {
                boolean repeated = written.getMaxRepetitionLevel(chunk.getPath().toArray()) > 0;
                leaves.put(chunk.getPath().toDotString(), new Leaf(chunk.getValueCount(), repeated));
            }
            rowGroups.add(new RowGroup(block.getRowCount(), leaves));
        }
        Map<Integer, Long> nulls = nulls(footer);
        return nulls == null
                ? counted(file, format, schema, rowGroups)
                : new FileEvidence(file.location(), rowGroups, nulls);
    }

    /** The number of rows in the file. */
    long rows() {
        return rowGroups.stream().mapToLong(RowGroup::rows).sum();
    }

    /** The path of a leaf that lacks entries for rows of a row group; empty if there is none. */
    Optional<String> ragged() {
        return rowGroups.stream()
                .flatMap(group -> group.leaves().entrySet().stream()
                        .filter(leaf -> leaf.getValue().repeated()
                                ? leaf.getValue().elements() < group.rows()
                                : leaf.getValue().elements() != group.rows())
                        .map(Map.Entry::getKey))
                .sorted()
                .findFirst();
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

    /** Counts nulls by reading the rows, and the rows too if no footer does. */
    private static FileEvidence counted(InputFile file, FileFormat format, Schema schema, List<RowGroup> rowGroups) {
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
        List<RowGroup> groups = format == FileFormat.PARQUET ? rowGroups : List.of(new RowGroup(count, Map.of()));
        return new FileEvidence(file.location(), groups, nulls.counts());
    }
}
