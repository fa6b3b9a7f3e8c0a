package io.sink.rewrite;

import io.sink.action.StopSignal;
import io.sink.columns.DifferentEntriesException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;

/** Reads a written file back from its storage, once from the first chunk to the last, and compares checksums. */
final class StoredBytes {
    private static final int AT_ONCE = 1 << 20;
    private static final int MOST_INDEXES = 8 << 20;

    private final InputFile file;
    private final long length;
    private final List<Chunk> chunks = new ArrayList<>();
    private long indexesAt;
    private byte[] indexes = {};

    private record Chunk(Place place, String where) {}

    /**
     * Where a chunk is, and what.
     *
     * @param start its first byte in the file
     * @param length its number of bytes
     * @param checksum their CRC-32C
     */
    record Place(long start, int length, int checksum) {}

    /** @param length what the table's metadata will say */
    StoredBytes(InputFile file, long length) {
        this.file = file;
        this.length = length;
    }

    /** Reads the indexes of all chunks at once, if they are near to each other, as Parquet's writers leave them. */
    void readIndexes(List<BlockMetaData> rowGroups) {
        long from = Long.MAX_VALUE;
        long until = 0;
        for (BlockMetaData rowGroup : rowGroups) {
            for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
                for (IndexReference index :
                        new IndexReference[] {chunk.getColumnIndexReference(), chunk.getOffsetIndexReference()}) {
                    if (index != null) {
                        from = Math.min(from, index.getOffset());
                        until = Math.max(until, index.getOffset() + index.getLength());
                    }
                }
            }
        }
        if (from >= 0 && from < until && until - from <= MOST_INDEXES && until <= file.getLength()) {
            indexesAt = from;
            indexes = SourceBytes.range(file, from, (int) (until - from));
        }
    }

    /** Reads a part of the file. */
    ByteBuffer part(long offset, int count) {
        if (offset >= indexesAt && offset + count <= indexesAt + indexes.length) {
            return ByteBuffer.wrap(
                    Arrays.copyOfRange(indexes, (int) (offset - indexesAt), (int) (offset - indexesAt) + count));
        }
        if (offset < 0 || count < 0 || offset + count > file.getLength()) {
            throw new DifferentEntriesException("an index of " + file.location() + " is not in the file");
        }
        return ByteBuffer.wrap(SourceBytes.range(file, offset, count));
    }

    /**
     * Adds the next chunk to compare.
     *
     * @throws DifferentEntriesException if it is not behind the one before
     */
    void expect(Place place, String where) {
        Place before = chunks.isEmpty() ? null : chunks.get(chunks.size() - 1).place();
        if (before != null && place.start() < before.start() + before.length()) {
            throw new DifferentEntriesException(where + " is not where its footer says");
        }
        chunks.add(new Chunk(place, where));
    }

    /** The chunks to compare, in their order. */
    List<Place> expected() {
        return chunks.stream().map(Chunk::place).toList();
    }

    /**
     * Compares the length of the file.
     *
     * @throws DifferentEntriesException if it is another
     */
    void requireLength() {
        if (file.getLength() != length) {
            throw new DifferentEntriesException(
                    file.location() + " has " + file.getLength() + " bytes, and the metadata would say " + length);
        }
    }

    /**
     * Reads and compares all chunks.
     *
     * @throws DifferentEntriesException if the file has other bytes
     */
    void require(StopSignal stop) {
        byte[] buffer = new byte[AT_ONCE];
        try (SeekableInputStream in = file.newStream()) {
            long at = 0;
            for (Chunk chunk : chunks) {
                Place place = chunk.place();
                if (place.start() != at) {
                    in.seek(place.start());
                }
                CRC32C checksum = new CRC32C();
                for (int left = place.length(); left > 0; ) {
                    stop.check();
                    int count = Math.min(left, buffer.length);
                    IOUtil.readFully(in, buffer, 0, count);
                    checksum.update(buffer, 0, count);
                    left -= count;
                }
                if ((int) checksum.getValue() != place.checksum()) {
                    throw new DifferentEntriesException(
                            chunk.where() + " does not have the bytes that were compared and written");
                }
                at = place.start() + place.length();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file.location(), e);
        }
    }
}
