package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.pages.Buffers;
import io.sink.pages.ChunkCheck.NewChunk;
import io.sink.pages.SourceFile;
import io.sink.rows.DroppedRows;
import io.sink.rows.GroupInput;
import io.sink.testing.Attempts;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/** Gives {@link ColumnProof} the chunks of files that are already written, whoever wrote them. */
public final class FilesProof {
    private static final StopSignal NEVER = () -> false;

    private FilesProof() {}

    /**
     * Compares files with what they were made of.
     *
     * @throws io.sink.action.ProofFailedException if an entry differs
     */
    public static void compare(Table table, FileGroup group, List<DataFile> outputs) {
        compare(table, group, outputs, outputs);
    }

    /** @param result what the rewrite says that it wrote */
    static void compare(Table table, FileGroup group, List<DataFile> outputs, List<DataFile> result) {
        Buffers buffers = new Buffers(Attempts.MEMORY);
        List<SourceBytes> open = new ArrayList<>();
        try (ColumnProof proof = new ColumnProof(table, new FileSchemas(table), NEVER)) {
            DroppedRows deletes = new DroppedRows(table, group.inputs());
            for (GroupInput input : group.inputs()) {
                SourceBytes bytes = SourceBytes.open(table.io().newInputFile(input.data()), null, buffers);
                open.add(bytes);
                BitSet dropped = deletes.of(input, NEVER);
                proof.input(input, bytes, new SourceFile(bytes, bytes.footer()), dropped);
                if (dropped != null) {
                    // A merge that changed it would not deceive the proof.
                    dropped.clear();
                }
            }
            for (DataFile output : outputs) {
                proof.output(output.location());
                SourceBytes bytes = SourceBytes.open(table.io().newInputFile(output.location()), null, buffers);
                open.add(bytes);
                for (BlockMetaData rowGroup : bytes.footer().getBlocks()) {
                    check(proof, bytes, rowGroup);
                }
                proof.ended(output);
            }
            proof.end(result);
        } finally {
            open.forEach(SourceBytes::close);
        }
    }

    /**
     * Compares the rows of files with those that they were made of, in any order.
     *
     * @return whether they can be compared by their columns
     * @throws io.sink.action.ProofFailedException if a row differs
     */
    public static boolean compareRows(Table table, FileGroup group, List<DataFile> outputs) {
        return RowSumProof.compare(table, group, outputs, Attempts.MEMORY, NEVER);
    }

    private static void check(ColumnProof proof, SourceBytes bytes, BlockMetaData rowGroup) {
        SourceFile file = new SourceFile(bytes, bytes.footer());
        List<ColumnChunkMetaData> chunks = rowGroup.getColumns();
        for (int leaf = 0; leaf < chunks.size(); leaf++) {
            ColumnChunkMetaData chunk = chunks.get(leaf);
            int length = Math.toIntExact(chunk.getTotalSize());
            proof.check(
                    leaf,
                    new NewChunk(
                            List.of(bytes.read(chunk.getStartingPos(), length)),
                            chunk,
                            rowGroup.getRowCount(),
                            file.columnIndex(chunk),
                            file.bloomFilter(chunk)));
        }
    }
}
