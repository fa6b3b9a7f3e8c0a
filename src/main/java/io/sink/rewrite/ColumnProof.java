package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.columns.DifferentEntriesException;
import io.sink.columns.LeafComparison;
import io.sink.columns.LeafComparison.Source;
import io.sink.columns.LeafMatch;
import io.sink.columns.RowRange;
import io.sink.columns.StoredColumn;
import io.sink.pages.Buffers;
import io.sink.pages.Codecs;
import io.sink.pages.Fill;
import io.sink.rows.DroppedRows;
import io.sink.rows.GroupInput;
import io.sink.rows.RowFiles;
import io.sink.table.Failures;
import io.sink.table.Parallel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
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
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/**
 * Compares every entry of every column that a rewrite in the order of its inputs wrote with the entry that must be
 * there, by levels and raw bits. Inputs and outputs are opened anew, and the deletes are applied anew.
 *
 * <p>For each column the entries of all inputs, one after the other, without those of deleted rows, must be those of
 * all outputs. Each row group must have as many rows in each column as its footer says: so the columns are in step.
 *
 * @ref LLP 0026#what-is-compared
 */
final class ColumnProof {
    private final Table table;
    private final StopSignal stop;
    private final FileSchemas schemas;
    private final List<ColumnDescriptor> leaves;
    private final Buffers buffers;
    /** As many as a merge has: each holds a chunk of an input and one of the output. */
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    private final Codecs codecs = new Codecs(CompressionCodecName.UNCOMPRESSED, null);

    /** @param memory bytes that may be taken */
    private ColumnProof(Table table, long memory, StopSignal stop) {
        this.table = table;
        this.stop = stop;
        this.schemas = new FileSchemas(table);
        this.leaves = schemas.output().getColumns();
        this.buffers = new Buffers(memory);
    }

    /**
     * Compares all columns.
     *
     * @param outputs the files that were written, in the order of their rows
     * @throws ProofFailedException if an entry differs
     */
    static void compare(Table table, FileGroup group, List<DataFile> outputs, long memory, StopSignal stop) {
        ColumnProof proof = new ColumnProof(table, memory, stop);
        try (Inputs inputs = proof.new Inputs(group)) {
            proof.compare(inputs, outputs);
        } catch (DifferentEntriesException e) {
            throw new ProofFailedException(Failures.message(e));
        } finally {
            proof.threads.shutdown();
            proof.codecs.close();
        }
    }

    private void compare(Inputs inputs, List<DataFile> outputs) {
        List<LeafComparison> comparisons = IntStream.range(0, leaves.size())
                .mapToObj(number -> new LeafComparison(leaves.get(number), codecs, inputs.of(number)))
                .toList();
        for (DataFile output : outputs) {
            try (SourceBytes bytes = SourceBytes.open(table.io().newInputFile(output.location()), null, buffers)) {
                ParquetMetadata footer = bytes.footer();
                requireSchema(footer.getFileMetaData().getSchema(), output);
                for (BlockMetaData rowGroup : footer.getBlocks()) {
                    compare(comparisons, rowGroup, bytes, footer);
                }
            }
        }
        comparisons.forEach(LeafComparison::end);
    }

    private void requireSchema(MessageType written, DataFile output) {
        if (!written.equals(schemas.output())) {
            throw new DifferentEntriesException(
                    "the schema of " + output.location() + " is not that of the table: " + written);
        }
    }

    private void compare(
            List<LeafComparison> comparisons, BlockMetaData rowGroup, SourceBytes bytes, ParquetMetadata footer) {
        RowRange rows = new RowRange(0, Math.toIntExact(rowGroup.getRowCount()), null);
        ParsedVersion writer = writer(footer);
        Parallel.each(threads, IntStream.range(0, leaves.size()).boxed().toList(), number -> {
            stop.check();
            ColumnDescriptor leaf = leaves.get(number);
            ColumnChunkMetaData chunk = chunk(rowGroup, number, leaf.getPath(), bytes.name());
            comparisons
                    .get(number)
                    .compare(new StoredColumn(bytes, chunk, leaf, leaf.getPrimitiveType(), null, rows, null, writer));
        });
    }

    /** The chunk of a column, which has the place of the column in the schema. */
    private static ColumnChunkMetaData chunk(BlockMetaData rowGroup, int place, String[] path, String file) {
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

    /** The inputs in their order. Each is open while a column is at work on it. */
    private final class Inputs implements AutoCloseable {
        private final List<Input> all = new ArrayList<>();

        Inputs(FileGroup group) {
            DroppedRows deletes = new DroppedRows(table, group.inputs());
            for (GroupInput input : group.inputs()) {
                all.add(new Input(input, deletes));
            }
        }

        /** The sources of a leaf: row group after row group, input after input. */
        Supplier<@Nullable Source> of(int number) {
            return new Supplier<>() {
                private int input;
                private int rowGroup;
                private long first;

                @Override
                public @Nullable Source get() {
                    while (input < all.size()) {
                        Input now = all.get(input);
                        if (rowGroup < now.rowGroups() && now.rows(rowGroup) == 0) {
                            rowGroup++;
                            continue;
                        }
                        if (rowGroup == now.rowGroups()) {
                            now.left();
                            input++;
                            rowGroup = 0;
                            first = 0;
                            continue;
                        }
                        Source source = now.source(number, rowGroup++, first);
                        first += now.rows(rowGroup - 1);
                        return source;
                    }
                    return null;
                }
            };
        }

        @Override
        public void close() {
            all.forEach(Input::close);
        }
    }

    /** One input. */
    private final class Input {
        private final GroupInput input;
        private final DroppedRows deletes;
        private @Nullable Opened opened;
        private int left;

        private record Opened(
                SourceBytes bytes,
                List<BlockMetaData> rowGroups,
                MessageType schema,
                Map<String, Integer> places,
                @Nullable ParsedVersion writer,
                @Nullable BitSet dropped) {}

        Input(GroupInput input, DroppedRows deletes) {
            this.input = input;
            this.deletes = deletes;
        }

        private synchronized Opened opened() {
            if (opened == null) {
                SourceBytes bytes = SourceBytes.open(table.io().newInputFile(input.data()), null, buffers);
                ParquetMetadata footer = bytes.footer();
                MessageType schema = schemas.of(footer).stored();
                List<ColumnDescriptor> columns = schema.getColumns();
                Map<String, Integer> places = new HashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    places.put(String.join(".", columns.get(i).getPath()), i);
                }
                opened = new Opened(bytes, footer.getBlocks(), schema, places, writer(footer), deletes.of(input, stop));
            }
            return opened;
        }

        int rowGroups() {
            return opened().rowGroups().size();
        }

        long rows(int rowGroup) {
            return opened().rowGroups().get(rowGroup).getRowCount();
        }

        Source source(int number, int rowGroup, long first) {
            Opened file = opened();
            ColumnDescriptor leaf = leaves.get(number);
            RowRange rows = new RowRange(first, Math.toIntExact(rows(rowGroup)), file.dropped());
            int id = schemas.output().getType(leaf.getPath()[0]).getId().intValue();
            Fill fill = lineage(id);
            boolean lineage = fill != null;
            if (fill == null) {
                fill = constant(id, leaf);
            }
            if (fill != null && !(lineage && !(fill instanceof Fill.Nulls))) {
                return new Source.Made(fill, rows);
            }
            Optional<LeafMatch> match = LeafMatch.of(file.schema(), schemas.output(), leaf.getPath());
            if (match.isEmpty()) {
                return new Source.Made(fill == null ? missing(id, leaf) : fill, rows);
            }
            ColumnDescriptor stored =
                    file.schema().getColumnDescription(match.get().path());
            return new Source.Stored(new StoredColumn(
                    file.bytes(),
                    chunk(
                            file.rowGroups().get(rowGroup),
                            Objects.requireNonNull(file.places()
                                    .get(String.join(".", match.get().path()))),
                            match.get().path(),
                            file.bytes().name()),
                    stored,
                    leaf.getPrimitiveType(),
                    match.get().levels(),
                    rows,
                    fill,
                    file.writer()));
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

        /** A column has passed this input. */
        synchronized void left() {
            if (++left == leaves.size()) {
                close();
            }
        }

        synchronized void close() {
            if (opened != null) {
                opened.bytes().close();
                opened = null;
            }
        }
    }
}
