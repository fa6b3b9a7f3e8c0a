package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.columns.DifferentEntriesException;
import io.sink.columns.LeafComparison;
import io.sink.columns.LeafComparison.Source;
import io.sink.columns.RowRange;
import io.sink.columns.StoredColumn;
import io.sink.columns.WrittenChunk;
import io.sink.pages.BrokenPageException;
import io.sink.pages.ChunkCheck;
import io.sink.pages.Codecs;
import io.sink.pages.SourceFile;
import io.sink.rows.GroupInput;
import io.sink.table.Failures;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Compares every entry of every column that a merge is about to write with the entry that must be there, by levels and
 * raw bits, while the sources are open; then the files that were written with what was compared.
 *
 * <p>For each column the entries of all inputs, one after the other, without those of deleted rows, must be those of
 * all outputs. Which rows belong in a row group is found anew: the next ones that are live, as many as its chunks have.
 * Each chunk must end where a row group of an input ends, and have as many rows as its row group: so columns are in step.
 *
 * @ref LLP 0026#what-is-compared
 */
final class ColumnProof implements ChunkCheck, Closeable {
    private final Table table;
    private final StopSignal stop;
    private final FileSchemas schemas;
    private final List<ColumnDescriptor> leaves;
    private final List<LeafComparison> comparisons;
    private final List<ColumnSource> inputs = new ArrayList<>();
    private final List<Written> files = new ArrayList<>();
    private final Codecs codecs = new Codecs(CompressionCodecName.UNCOMPRESSED, null);

    /** What was compared of a file: for each leaf, its chunks in the order of row groups. */
    private record Written(String location, List<List<WrittenChunk>> leaves) {}

    /** @param schemas those of the table's files */
    ColumnProof(Table table, FileSchemas schemas, StopSignal stop) {
        this.table = table;
        this.stop = stop;
        this.schemas = schemas;
        this.leaves = schemas.output().getColumns();
        this.comparisons = IntStream.range(0, leaves.size())
                .mapToObj(number -> new LeafComparison(leaves.get(number), codecs, sources(number)))
                .toList();
    }

    /**
     * Adds the next input, in the order of the group. No chunk may be checked meanwhile.
     *
     * @param bytes those of the input; to be open until the last row group with rows of it is written
     * @param file the input's page indexes
     * @param dropped positions of deleted rows; null if there are none
     * @throws IllegalStateException if the bytes are those of another file
     */
    void input(GroupInput input, SourceBytes bytes, SourceFile file, @Nullable BitSet dropped) {
        if (!bytes.name().equals(input.data().location())) {
            throw new IllegalStateException(
                    bytes.name() + " in the place of " + input.data().location());
        }
        bytes.keepChunks();
        inputs.add(new ColumnSource(
                table, schemas, input, bytes, file, dropped == null ? null : (BitSet) dropped.clone()));
    }

    /** Begins an output: chunks that are checked after this are of this file. */
    void output(String location) {
        List<List<WrittenChunk>> chunks = new ArrayList<>();
        leaves.forEach(leaf -> chunks.add(Collections.synchronizedList(new ArrayList<>())));
        files.add(new Written(location, chunks));
    }

    @Override
    public void check(int number, NewChunk chunk) {
        stop.check();
        ColumnDescriptor leaf = leaves.get(number);
        Written file = files.get(files.size() - 1);
        RowRange rows = new RowRange(0, Math.toIntExact(chunk.rows()), null);
        WrittenChunk compared = proved(() -> comparisons
                .get(number)
                .compare(
                        new StoredColumn(
                                file.location(),
                                chunk.bytes(),
                                chunk.metadata(),
                                leaf,
                                leaf.getPrimitiveType(),
                                null,
                                rows,
                                null,
                                null,
                                chunk::index),
                        chunk.bloom()));
        file.leaves().get(number).add(compared);
    }

    private static <T> T proved(Supplier<T> compare) {
        try {
            return compare.get();
        } catch (DifferentEntriesException e) {
            throw new ProofFailedException(Failures.message(e));
        }
    }

    /**
     * Requires that every live row of every input was in a chunk, and compares the files that were written with the
     * chunks: their footers, their offset indexes and all their bytes.
     *
     * @param outputs the files, in the order in which they were begun
     * @throws ProofFailedException if anything differs
     */
    void end(List<DataFile> outputs) {
        proved(() -> {
            comparisons.forEach(LeafComparison::end);
            if (outputs.size() != files.size()) {
                throw new DifferentEntriesException(
                        files.size() + " files were begun, and " + outputs.size() + " ended");
            }
            for (int i = 0; i < outputs.size(); i++) {
                stop.check();
                require(files.get(i), outputs.get(i));
            }
            return outputs;
        });
    }

    private void require(Written written, DataFile output) {
        String name = written.location();
        if (!output.location().equals(name)) {
            throw new DifferentEntriesException(output.location() + " in the place of " + name);
        }
        InputFile file = table.io().newInputFile(name);
        StoredBytes stored = new StoredBytes(file, output.fileSizeInBytes());
        ParquetMetadata footer = footer(file);
        MessageType schema = footer.getFileMetaData().getSchema();
        if (!schema.equals(schemas.output())) {
            throw new DifferentEntriesException("the schema of " + name + " is not that of the table: " + schema);
        }
        List<BlockMetaData> rowGroups = footer.getBlocks();
        for (int leaf = 0; leaf < leaves.size(); leaf++) {
            int count = written.leaves().get(leaf).size();
            if (count != rowGroups.size()) {
                throw new DifferentEntriesException(rowGroups.size() + " row groups in the footer of " + name + ", and "
                        + count + " were compared");
            }
        }
        for (int number = 0; number < rowGroups.size(); number++) {
            BlockMetaData rowGroup = rowGroups.get(number);
            for (int leaf = 0; leaf < leaves.size(); leaf++) {
                String[] path = leaves.get(leaf).getPath();
                WrittenChunk compared = written.leaves().get(leaf).get(number);
                ColumnChunkMetaData chunk = ColumnSource.chunk(rowGroup, leaf, path, name);
                String where = "column " + String.join(".", path) + " of " + name;
                if (compared.rows() != rowGroup.getRowCount()) {
                    throw new DifferentEntriesException(compared.rows() + " rows in " + where + ", and "
                            + rowGroup.getRowCount() + " in its row group");
                }
                compared.require(chunk, where, stored::part);
                stored.expect(chunk.getStartingPos(), compared.length(), compared.checksum(), where);
            }
        }
        for (int leaf = 0; leaf < leaves.size(); leaf++) {
            ColumnDescriptor column = leaves.get(leaf);
            Type.ID id = column.getPrimitiveType().getId();
            if (id != null) {
                new ManifestClaims(
                                output,
                                id.intValue(),
                                schemas.rows().findType(id.intValue()),
                                "column " + String.join(".", column.getPath()) + " of " + name)
                        .require(written.leaves().get(leaf));
            }
        }
        stored.require(stop);
    }

    private static ParquetMetadata footer(InputFile file) {
        try {
            return ParquetFooter.read(file);
        } catch (BrokenPageException e) {
            throw new DifferentEntriesException("what was written cannot be read: " + Failures.message(e));
        }
    }

    /** The sources of a leaf: row group after row group, input after input, without those that lost all rows. */
    private Supplier<@Nullable Source> sources(int number) {
        return new Supplier<>() {
            private int input;
            private int rowGroup;
            private long first;

            @Override
            public @Nullable Source get() {
                while (input < inputs.size()) {
                    ColumnSource now = inputs.get(input);
                    if (rowGroup == now.rowGroups()) {
                        input++;
                        rowGroup = 0;
                        first = 0;
                        continue;
                    }
                    RowRange rows = now.rows(rowGroup, first);
                    first += rows.count();
                    rowGroup++;
                    if (rows.kept() > 0) {
                        return now.source(number, rowGroup - 1, rows);
                    }
                }
                return null;
            }
        };
    }

    /** Closes the decompressors; no chunk may be checked meanwhile. */
    @Override
    public void close() {
        codecs.close();
    }
}
