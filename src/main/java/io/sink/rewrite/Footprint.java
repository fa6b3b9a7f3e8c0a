package io.sink.rewrite;

import io.sink.engine.Need;
import java.io.Serializable;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/**
 * The sizes of a group that determine the memory of its rewrite, in bytes. They follow from its files alone.
 *
 * @param chunk the largest column chunk of a data file
 * @param unpackedChunk the largest column chunk uncompressed
 * @param rowGroup the largest row group
 * @param unpacked all row groups uncompressed
 * @param entry a lower bound of the largest value: the average of the chunk with the largest average
 * @param equalityDeletes estimated memory for the keys of all equality deletes
 */
public record Footprint(long chunk, long unpackedChunk, long rowGroup, long unpacked, long entry, long equalityDeletes)
        implements Serializable {
    /** The sizes of files whose footers have not been read. */
    static final Footprint UNKNOWN = new Footprint(0, 0, 0, 0, 0, 0);

    /** What every rewrite takes, however small: codecs, buffers, data read ahead. */
    private static final long BASE = 16 << 20;

    /** A chunk or row group is held as it was read, partly uncompressed, and as it will be written. */
    private static final int TIMES = 4;

    /** A value is held as an object, and as it was read or will be written. */
    private static final int VALUES = 2;

    /** Pages are seldom larger than this, however large their chunk. */
    private static final long MOST_UNPACKED_CHUNK = 64 << 20;

    /** The sizes of one file, by its footer. */
    static Footprint of(ParquetMetadata footer) {
        Footprint all = UNKNOWN;
        for (BlockMetaData rowGroup : footer.getBlocks()) {
            long stored = 0;
            for (ColumnChunkMetaData column : rowGroup.getColumns()) {
                stored += column.getTotalSize();
                all = all.plus(new Footprint(
                        column.getTotalSize(),
                        column.getTotalUncompressedSize(),
                        stored,
                        column.getTotalUncompressedSize(),
                        column.getTotalUncompressedSize() / Math.max(1, column.getValueCount()),
                        0));
            }
        }
        return all;
    }

    /** The sizes of both together. */
    Footprint plus(Footprint other) {
        return new Footprint(
                Math.max(chunk, other.chunk),
                Math.max(unpackedChunk, other.unpackedChunk),
                Math.max(rowGroup, other.rowGroup),
                unpacked + other.unpacked,
                Math.max(entry, other.entry),
                equalityDeletes + other.equalityDeletes);
    }

    /** The least bytes that a merge of pages takes; it never has equality deletes. */
    long leastByPages() {
        return BASE + TIMES * chunk + VALUES * entry;
    }

    /** The least bytes that a rewrite by records takes: for a stored row group, and for one that is being written. */
    long leastByRecords() {
        return BASE + rowGroup + rowGroup / 2 + VALUES * entry + equalityDeletes;
    }

    /** The memory to read the rows and write none. */
    public Need needToRead() {
        return new Need(leastByRecords(), leastByRecords());
    }

    /**
     * The memory that the group takes, by pages if there is enough for that.
     *
     * @param byPages whether its pages can be merged
     * @param rowGroupSize the table's target size of a row group, in bytes
     */
    Need need(boolean byPages, long rowGroupSize) {
        long least = byPages ? Math.min(leastByPages(), leastByRecords()) : leastByRecords();
        long written = Math.max(
                Math.min(rowGroupSize, Math.max(unpacked, rowGroup)), Math.min(unpackedChunk, MOST_UNPACKED_CHUNK));
        long wanted = BASE + TIMES * Math.max(written, byPages ? chunk : 0) + equalityDeletes;
        return new Need(least, Math.max(least, wanted));
    }
}
