package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.columns.DifferentEntriesException;
import io.sink.columns.WrittenChunk;
import io.sink.pages.BrokenPageException;
import io.sink.table.Failures;
import io.sink.table.ObjectChecksum;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** What was compared of a file while it was written: for each leaf, its chunks in the order of row groups. */
final class WrittenFile {
    private final String location;
    private final FileSchemas schemas;
    private final List<ColumnDescriptor> leaves;
    private final List<List<WrittenChunk>> chunks = new ArrayList<>();
    private final @Nullable StreamedBytes streamed;

    /** @param checksum that of the storage; null if it keeps none */
    WrittenFile(String location, FileSchemas schemas, @Nullable ObjectChecksum checksum) {
        this.location = location;
        this.schemas = schemas;
        this.leaves = schemas.output().getColumns();
        leaves.forEach(leaf -> chunks.add(Collections.synchronizedList(new ArrayList<>())));
        this.streamed = checksum == null ? null : new StreamedBytes(checksum, this::lengthOfChunk);
    }

    /** Row group after row group, and in each leaf after leaf, as they are written. */
    private int lengthOfChunk(int number) {
        List<WrittenChunk> ofLeaf = chunks.get(number % leaves.size());
        int rowGroup = number / leaves.size();
        return rowGroup < ofLeaf.size() ? ofLeaf.get(rowGroup).length() : StreamedBytes.NO_MORE;
    }

    /** Is to get every byte that is written to the file; null if nobody wants them. */
    @Nullable
    StreamedBytes streamed() {
        return streamed;
    }

    String location() {
        return location;
    }

    /** Adds the next chunk of a leaf. */
    void add(int leaf, WrittenChunk chunk) {
        chunks.get(leaf).add(chunk);
    }

    /**
     * Compares the file in its storage with the chunks: its footer, its indexes, all bytes of its chunks, and what a
     * manifest will say of it.
     *
     * @return by what the bytes of the chunks were compared: {@link Proof#READ} or the name of a checksum
     * @throws DifferentEntriesException if anything differs
     */
    String require(InputFile file, DataFile output, StopSignal stop) {
        StoredBytes stored = requireClaims(file, output);
        String checksum = streamed == null ? null : streamed.held(stored.expected(), output.fileSizeInBytes());
        if (checksum != null) {
            return checksum;
        }
        stored.require(stop);
        return Proof.READ;
    }

    /**
     * Compares what the file and a manifest say of the chunks with the chunks.
     *
     * @return what the bytes of the chunks must be
     * @throws DifferentEntriesException if anything differs
     */
    StoredBytes requireClaims(InputFile file, DataFile output) {
        if (!output.location().equals(location)) {
            throw new DifferentEntriesException(output.location() + " in the place of " + location);
        }
        ParquetMetadata footer = footer(file);
        MessageType schema = footer.getFileMetaData().getSchema();
        if (!schema.equals(schemas.output())) {
            throw new DifferentEntriesException("the schema of " + location + " is not that of the table: " + schema);
        }
        List<BlockMetaData> rowGroups = footer.getBlocks();
        for (List<WrittenChunk> ofLeaf : chunks) {
            if (ofLeaf.size() != rowGroups.size()) {
                throw new DifferentEntriesException(rowGroups.size() + " row groups in the footer of " + location
                        + ", and " + ofLeaf.size() + " were compared");
            }
        }
        StoredBytes stored = new StoredBytes(file, output.fileSizeInBytes());
        stored.readIndexes(rowGroups);
        for (int number = 0; number < rowGroups.size(); number++) {
            requireRowGroup(number, rowGroups.get(number), stored);
        }
        for (int leaf = 0; leaf < leaves.size(); leaf++) {
            Type.ID id = leaves.get(leaf).getPrimitiveType().getId();
            if (id != null) {
                new ManifestClaims(output, id.intValue(), schemas.rows().findType(id.intValue()), where(leaf))
                        .require(chunks.get(leaf));
            }
        }
        stored.requireLength();
        return stored;
    }

    private void requireRowGroup(int number, BlockMetaData rowGroup, StoredBytes stored) {
        for (int leaf = 0; leaf < leaves.size(); leaf++) {
            WrittenChunk compared = chunks.get(leaf).get(number);
            ColumnChunkMetaData chunk =
                    ColumnSource.chunk(rowGroup, leaf, leaves.get(leaf).getPath(), location);
            if (compared.rows() != rowGroup.getRowCount()) {
                throw new DifferentEntriesException(compared.rows() + " rows in " + where(leaf) + ", and "
                        + rowGroup.getRowCount() + " in its row group");
            }
            compared.require(chunk, where(leaf), stored::part);
            stored.expect(
                    new StoredBytes.Place(chunk.getStartingPos(), compared.length(), compared.checksum()), where(leaf));
        }
    }

    private String where(int leaf) {
        return "column " + String.join(".", leaves.get(leaf).getPath()) + " of " + location;
    }

    private static ParquetMetadata footer(InputFile file) {
        try {
            return ParquetFooter.read(file);
        } catch (BrokenPageException e) {
            throw new DifferentEntriesException("what was written cannot be read: " + Failures.message(e));
        }
    }
}
