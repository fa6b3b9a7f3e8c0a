package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.columns.DifferentEntriesException;
import io.sink.columns.LeafComparison;
import io.sink.columns.LeafComparison.Source;
import io.sink.columns.RowRange;
import io.sink.columns.StoredColumn;
import io.sink.columns.WrittenChunk;
import io.sink.pages.ChunkCheck;
import io.sink.pages.Codecs;
import io.sink.pages.SourceFile;
import io.sink.rows.GroupInput;
import io.sink.table.Failures;
import io.sink.table.ObjectChecksums;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Compares every entry of every column that a merge is about to write with the entry that must be there, by levels and
 * raw bits, while the sources are open; then the files that were written with what was compared.
 *
 * <p>For each column the entries of all inputs, one after the other, without those of deleted rows, must be those of
 * all outputs. Which rows belong in a row group is found anew: the next ones that are live, as many as its chunks have.
 * Each chunk must end where a row group of an input ends, and have the rows of its row group: so columns are in step.
 *
 * @ref LLP 0026#what-is-compared
 */
final class ColumnProof implements ChunkCheck, Closeable {
    private final Table table;
    private final StopSignal stop;
    private final FileSchemas schemas;
    private final List<ColumnDescriptor> leaves;
    private final List<LeafComparison> comparisons;
    private final List<LeafSources> sources;
    /** The inputs that a leaf has not passed yet, by their number. */
    private final Map<Integer, ColumnSource> inputs = new ConcurrentHashMap<>();

    private int inputCount;
    private final List<String> proved = new ArrayList<>();
    private final Map<String, Integer> stored = new TreeMap<>();
    private @Nullable WrittenFile open;
    private final Codecs codecs = new Codecs(CompressionCodecName.UNCOMPRESSED, null);

    /** @param schemas those of the table's files */
    ColumnProof(Table table, FileSchemas schemas, StopSignal stop) {
        this.table = table;
        this.stop = stop;
        this.schemas = schemas;
        this.leaves = schemas.output().getColumns();
        this.sources = IntStream.range(0, leaves.size())
                .mapToObj(number -> new LeafSources(number))
                .toList();
        this.comparisons = IntStream.range(0, leaves.size())
                .mapToObj(number -> new LeafComparison(leaves.get(number), codecs, sources.get(number)))
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
        BitSet own = dropped == null ? null : (BitSet) dropped.clone();
        inputs.put(inputCount++, new ColumnSource(table, schemas, input, bytes, file, own));
    }

    /**
     * Begins an output: chunks that are checked after this are of this file.
     *
     * @return is to get every byte that is written to it; null if nobody wants them
     */
    @Nullable
    StreamedBytes output(String location) {
        WrittenFile file = new WrittenFile(location, schemas, ObjectChecksums.of(table.io(), location));
        open = file;
        return file.streamed();
    }

    @Override
    public void check(int number, NewChunk chunk) {
        stop.check();
        ColumnDescriptor leaf = leaves.get(number);
        WrittenFile file = Objects.requireNonNull(open);
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
        file.add(number, compared);
    }

    private static <T> T proved(Supplier<T> compare) {
        try {
            return compare.get();
        } catch (DifferentEntriesException e) {
            throw new ProofFailedException(Failures.message(e));
        }
    }

    /**
     * Compares the output that was ended with the chunks that it was given.
     *
     * @throws ProofFailedException if anything differs
     */
    void ended(DataFile output) {
        WrittenFile file = Objects.requireNonNull(open);
        String way = proved(() -> file.require(table.io().newInputFile(file.location()), output, stop));
        stored.merge(way, 1, Integer::sum);
        proved.add(file.location());
        open = null;
    }

    /**
     * Requires that every live row of every input was in a chunk, and that every file was compared.
     *
     * @param outputs the files of the result
     * @return by what the bytes in storage were compared, and of how many files
     * @throws ProofFailedException if not
     */
    Map<String, Integer> end(List<DataFile> outputs) {
        for (LeafSources leaf : sources) {
            if (leaf.hasMore()) {
                throw new ProofFailedException("column " + leaf.name()
                        + " has fewer entries than it must have, after all rows that were written");
            }
        }
        List<String> result = outputs.stream().map(DataFile::location).toList();
        if (!result.equals(proved) || open != null) {
            throw new ProofFailedException(
                    "the files that were compared are " + proved + ", and those of the result " + result);
        }
        return stored;
    }

    /** The sources of a leaf: row group after row group, input after input, without those that lost all rows. */
    private final class LeafSources implements Supplier<@Nullable Source> {
        private final int number;
        private int input;
        private int rowGroup;
        private long first;

        LeafSources(int number) {
            this.number = number;
        }

        String name() {
            return String.join(".", leaves.get(number).getPath());
        }

        /** Whether there is a row group with rows that are kept; nothing is read. */
        boolean hasMore() {
            for (ColumnSource now = inputs.get(input); now != null; now = inputs.get(input)) {
                while (rowGroup < now.rowGroups()) {
                    RowRange rows = now.rows(rowGroup, first);
                    if (rows.kept() > 0) {
                        return true;
                    }
                    first += rows.count();
                    rowGroup++;
                }
                if (now.passed()) {
                    inputs.remove(input);
                }
                input++;
                rowGroup = 0;
                first = 0;
            }
            return false;
        }

        @Override
        public @Nullable Source get() {
            if (!hasMore()) {
                return null;
            }
            ColumnSource now = Objects.requireNonNull(inputs.get(input));
            RowRange rows = now.rows(rowGroup, first);
            first += rows.count();
            return now.source(number, rowGroup++, rows);
        }
    }

    /** Closes the decompressors; no chunk may be checked meanwhile. */
    @Override
    public void close() {
        codecs.close();
    }
}
