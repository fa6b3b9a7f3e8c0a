package io.sink.rewrite;

import io.sink.action.ProofFailedException;
import io.sink.action.StopSignal;
import io.sink.columns.DifferentEntriesException;
import io.sink.columns.RowRange;
import io.sink.columns.RowSums;
import io.sink.columns.StoredColumn;
import io.sink.columns.WrittenChunk;
import io.sink.pages.BrokenPageException;
import io.sink.pages.Buffers;
import io.sink.pages.Codecs;
import io.sink.pages.SourceFile;
import io.sink.rows.DroppedRows;
import io.sink.rows.GroupInput;
import io.sink.table.Failures;
import io.sink.table.Parallel;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.TypeUtil;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/**
 * Compares the rows of a group with those that were written, in whatever order they are: by the sum of their hashes,
 * which is found from the columns of both without records. Inputs, outputs and deletes are read anew.
 *
 * @ref LLP 0026#rows-in-another-order
 */
final class RowSumProof {
    private static final int THREADS = 2;

    /** A row takes two numbers of 64 bits in each thread. */
    private static final int BYTES_PER_ROW = 16;

    private final Table table;
    private final StopSignal stop;
    private final FileSchemas schemas;
    private final List<ColumnDescriptor> leaves;
    private final Buffers buffers;
    private final long key = new SecureRandom().nextLong();

    private RowSumProof(Table table, long memory, StopSignal stop) {
        this.table = table;
        this.stop = stop;
        this.schemas = new FileSchemas(table);
        this.leaves = schemas.output().getColumns();
        this.buffers = new Buffers(memory);
    }

    /** That rows cannot be compared by their columns. */
    private static final class NotByColumnsException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * Compares all rows.
     *
     * @param memory bytes that may be taken
     * @return false if they cannot be compared by their columns, and nothing is known of them
     * @throws ProofFailedException if a row differs
     */
    static boolean compare(Table table, FileGroup group, List<DataFile> outputs, long memory, StopSignal stop) {
        if (!mayCompare(table, group, outputs)) {
            return false;
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            RowSumProof proof = new RowSumProof(table, memory, stop);
            DroppedRows deletes = new DroppedRows(table, group.inputs());
            RowSums live = proof.sum(threads, group.inputs(), input -> proof.live(input, deletes));
            RowSums written = proof.sum(threads, outputs, proof::written);
            if (!live.same(written)) {
                throw new ProofFailedException(
                        "the %d live rows of the inputs and the %d rows written have other hashes"
                                .formatted(live.rows(), written.rows()));
            }
            return true;
        } catch (NotByColumnsException e) {
            return false;
        } catch (DifferentEntriesException e) {
            throw new ProofFailedException(Failures.message(e));
        } finally {
            threads.shutdown();
        }
    }

    private static boolean mayCompare(Table table, FileGroup group, List<DataFile> outputs) {
        // One variant can be stored in many ways.
        return Stream.concat(group.dataFiles().stream(), outputs.stream())
                        .allMatch(file -> file.format() == FileFormat.PARQUET)
                && TypeUtil.indexById(table.schema().asStruct()).values().stream()
                        .noneMatch(field -> field.type().typeId() == TypeID.VARIANT);
    }

    private <T> RowSums sum(ExecutorService threads, Collection<T> files, Function<T, RowSums> ofFile) {
        RowSums all = new RowSums(key);
        Parallel.each(threads, files, file -> {
            RowSums one = ofFile.apply(file);
            synchronized (all) {
                all.add(one);
            }
        });
        return all;
    }

    private RowSums written(DataFile output) {
        RowSums sums = new RowSums(key);
        WrittenFile file = new WrittenFile(output.location(), schemas, null);
        // By its name alone: else the storage is not asked for its length, and says what the manifest says.
        InputFile stored = table.io().newInputFile(output.location());
        try (Codecs codecs = codecs();
                SourceBytes bytes = SourceBytes.open(stored, null, buffers)) {
            ParquetMetadata footer = bytes.footer();
            if (!footer.getFileMetaData().getSchema().equals(schemas.output())) {
                throw new NotByColumnsException();
            }
            SourceFile indexes = new SourceFile(bytes, footer);
            for (BlockMetaData rowGroup : footer.getBlocks()) {
                RowRange rows = new RowRange(0, Math.toIntExact(rowGroup.getRowCount()), null);
                RowSums.RowGroup of = rowGroup(sums, bytes, rows, codecs);
                for (int number = 0; number < leaves.size(); number++) {
                    stop.check();
                    ColumnDescriptor leaf = leaves.get(number);
                    ColumnChunkMetaData chunk = ColumnSource.chunk(rowGroup, number, leaf.getPath(), bytes.name());
                    WrittenChunk found = of.addWritten(
                            number,
                            new StoredColumn(
                                    bytes.name(),
                                    List.of(bytes.read(chunk.getStartingPos(), Math.toIntExact(chunk.getTotalSize()))),
                                    chunk,
                                    leaf,
                                    leaf.getPrimitiveType(),
                                    null,
                                    rows,
                                    null,
                                    null,
                                    () -> indexes.columnIndex(chunk)),
                            indexes.bloomFilter(chunk));
                    file.add(number, found);
                }
                of.end();
            }
        } catch (BrokenPageException e) {
            throw new DifferentEntriesException("what was written cannot be read: " + Failures.message(e));
        }
        file.requireClaims(stored, output);
        return sums;
    }

    private RowSums live(GroupInput input, DroppedRows deletes) {
        RowSums sums = new RowSums(key);
        try (Codecs codecs = codecs();
                SourceBytes bytes = SourceBytes.open(table.io().newInputFile(input.data()), null, buffers)) {
            ColumnSource source = new ColumnSource(
                    table, schemas, input, bytes, new SourceFile(bytes, bytes.footer()), deletes.of(input, stop));
            if (!source.hasAllLeaves()) {
                throw new NotByColumnsException();
            }
            long first = 0;
            for (int rowGroup = 0; rowGroup < source.rowGroups(); rowGroup++) {
                RowRange rows = source.rows(rowGroup, first);
                first += rows.count();
                if (rows.kept() > 0) {
                    RowSums.RowGroup of = rowGroup(sums, bytes, rows, codecs);
                    for (int number = 0; number < leaves.size(); number++) {
                        stop.check();
                        of.add(number, leaves.get(number), source.source(number, rowGroup, rows));
                    }
                    of.end();
                }
            }
        }
        return sums;
    }

    private RowSums.RowGroup rowGroup(RowSums sums, SourceBytes bytes, RowRange rows, Codecs codecs) {
        if (rows.kept() > buffers.memory() / (4 * THREADS * BYTES_PER_ROW)) {
            throw new NotByColumnsException();
        }
        return sums.new RowGroup(bytes.name(), rows.kept(), codecs);
    }

    /** Those of one thread: they may not be closed while another is at work. */
    private static Codecs codecs() {
        return new Codecs(CompressionCodecName.UNCOMPRESSED, null);
    }
}
