package io.sink.rewrite;

import io.sink.columns.DifferentEntriesException;
import io.sink.columns.LeafComparison.Source;
import io.sink.columns.LeafMatch;
import io.sink.columns.RowRange;
import io.sink.columns.StoredColumn;
import io.sink.pages.Fill;
import io.sink.pages.SourceFile;
import io.sink.rows.GroupInput;
import io.sink.rows.RowFiles;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.apache.parquet.VersionParser;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.VersionParser.VersionParseException;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** An input as a proof sees it: where it has each leaf of the output, found anew from its footer and its manifest. */
final class ColumnSource {
    private final Table table;
    private final FileSchemas schemas;
    private final List<ColumnDescriptor> leaves;
    private final GroupInput input;
    private final SourceBytes bytes;
    private final SourceFile file;
    private final @Nullable BitSet dropped;
    private final List<BlockMetaData> rowGroups;
    private final MessageType schema;
    private final Map<ColumnPath, Integer> places = new HashMap<>();
    private final AtomicInteger passed = new AtomicInteger();
    private final @Nullable ParsedVersion writer;

    ColumnSource(
            Table table,
            FileSchemas schemas,
            GroupInput input,
            SourceBytes bytes,
            SourceFile file,
            @Nullable BitSet dropped) {
        this.table = table;
        this.schemas = schemas;
        this.leaves = schemas.output().getColumns();
        this.input = input;
        this.bytes = bytes;
        this.file = file;
        this.dropped = dropped;
        ParquetMetadata footer = bytes.footer();
        this.rowGroups = footer.getBlocks();
        this.schema = schemas.of(footer).stored();
        this.writer = writer(footer);
        List<ColumnDescriptor> columns = schema.getColumns();
        for (int i = 0; i < columns.size(); i++) {
            places.put(ColumnPath.get(columns.get(i).getPath()), i);
        }
    }

    /** Tells that a leaf needs nothing more of this file; whether that was the last one. */
    boolean passed() {
        return passed.incrementAndGet() == leaves.size();
    }

    /** Whether every leaf of the output can be found in this file, or is missing with its whole column. */
    boolean hasAllLeaves() {
        return leaves.stream().allMatch(leaf -> LeafMatch.has(schema, schemas.output(), leaf.getPath()));
    }

    int rowGroups() {
        return rowGroups.size();
    }

    /** The rows of a row group, of which the first is at this position in the file. */
    RowRange rows(int rowGroup, long first) {
        return new RowRange(first, Math.toIntExact(rowGroups.get(rowGroup).getRowCount()), dropped);
    }

    /**
     * Where the entries of a leaf of the output are.
     *
     * @param rows those of the row group
     * @throws DifferentEntriesException if a column is there, and not all of it
     */
    Source source(int number, int rowGroup, RowRange rows) {
        ColumnDescriptor leaf = leaves.get(number);
        int id = schemas.output().getType(leaf.getPath()[0]).getId().intValue();
        Fill fill = lineage(id);
        boolean lineage = fill != null;
        if (fill == null) {
            fill = constant(id, leaf);
        }
        if (fill != null && !(lineage && !(fill instanceof Fill.Nulls))) {
            return new Source.Made(fill, rows);
        }
        Optional<LeafMatch> match = LeafMatch.of(schema, schemas.output(), leaf.getPath());
        if (match.isEmpty()) {
            return new Source.Made(fill == null ? missing(id, leaf) : fill, rows);
        }
        String[] path = match.get().path();
        int place = Objects.requireNonNull(places.get(ColumnPath.get(path)));
        ColumnChunkMetaData chunk = chunk(rowGroups.get(rowGroup), place, path, bytes.name());
        return new Source.Stored(new StoredColumn(
                bytes.name(),
                List.of(bytes.again(chunk.getStartingPos(), Math.toIntExact(chunk.getTotalSize()))),
                chunk,
                schema.getColumnDescription(path),
                leaf.getPrimitiveType(),
                match.get().levels(),
                rows,
                fill,
                writer,
                new Index(file, chunk)));
    }

    /** The column index of a chunk, read once. */
    private static final class Index implements Supplier<@Nullable ColumnIndex> {
        private final SourceFile file;
        private final ColumnChunkMetaData chunk;
        private boolean read;
        private @Nullable ColumnIndex index;

        Index(SourceFile file, ColumnChunkMetaData chunk) {
            this.file = file;
            this.chunk = chunk;
        }

        @Override
        public @Nullable ColumnIndex get() {
            if (!read) {
                index = file.columnIndex(chunk);
                read = true;
            }
            return index;
        }
    }

    /** What stands for a missing row id or sequence number; null if this is no such column. */
    private @Nullable Fill lineage(int id) {
        Long firstId = input.data().firstRowId();
        Long sequence = input.data().dataSequenceNumber();
        if (id == MetadataColumns.ROW_ID.fieldId()) {
            return firstId == null ? new Fill.Nulls() : new Fill.Counting(firstId);
        }
        if (id == MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId()) {
            return firstId == null || sequence == null ? new Fill.Nulls() : new Fill.Constant(sequence);
        }
        return null;
    }

    /** The value of an identity partition; null if the table is not partitioned by this column. */
    private @Nullable Fill constant(int id, ColumnDescriptor leaf) {
        PartitionSpec spec = RowFiles.spec(table, input.data().specId());
        for (int i = 0; i < spec.fields().size(); i++) {
            PartitionField field = spec.fields().get(i);
            if (field.sourceId() == id && field.transform().isIdentity()) {
                return fill(input.data().partition().get(i, Object.class), leaf);
            }
        }
        return null;
    }

    private Fill missing(int id, ColumnDescriptor leaf) {
        Types.NestedField field = schemas.rows().findField(id);
        return fill(field.initialDefault(), leaf);
    }

    private Fill fill(@Nullable Object value, ColumnDescriptor leaf) {
        return value == null ? new Fill.Nulls() : Origins.constant(leaf, value);
    }

    /** The chunk of a column, which has the place of the column in the schema. */
    static ColumnChunkMetaData chunk(BlockMetaData rowGroup, int place, String[] path, String file) {
        ColumnChunkMetaData chunk =
                place < rowGroup.getColumns().size() ? rowGroup.getColumns().get(place) : null;
        if (chunk == null || !Arrays.equals(chunk.getPath().toArray(), path)) {
            throw new DifferentEntriesException(
                    "no chunk of column " + String.join(".", path) + " in its place in a row group of " + file);
        }
        return chunk;
    }

    private static @Nullable ParsedVersion writer(ParquetMetadata footer) {
        String by = footer.getFileMetaData().getCreatedBy();
        try {
            return by == null ? null : VersionParser.parse(by);
        } catch (VersionParseException | RuntimeException e) {
            return null;
        }
    }
}
