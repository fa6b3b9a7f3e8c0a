package io.sink.rewrite;

import io.sink.engine.Need;
import java.io.Serializable;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/**
 * The sizes of a group on which the memory depends that its rewrite takes, in bytes. Facts of its files alone.
 *
 * @param chunk the largest column chunk of a data file
 * @param unpackedChunk the largest column chunk uncompressed
 * @param rowGroup the largest row group
 * @param unpacked all row groups uncompressed
 * @param entry the largest value that some chunk must have: the average one of the chunk whose values are largest
 * @param equalityDeletes the keys of all equality deletes in memory, estimated
 */
public record Footprint(long chunk, long unpackedChunk, long rowGroup, long unpacked, long entry, long equalityDeletes)
        implements Serializable {
    /** Of files whose footers nobody has looked at. */
    static final Footprint UNKNOWN = new Footprint(0, 0, 0, 0, 0, 0);

    /** What every rewrite takes, however little there is to rewrite: codecs, buffers, what is read ahead. */
    private static final long BASE = 16 << 20;

    /** A chunk or a row group is there as it was read, unpacked in parts, and as it is to be written. */
    private static final int TIMES = 4;

    /** A value is there as the object that it is, and as it was read or is to be written. */
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

    /** The sizes of both. */
    Footprint plus(Footprint other) {
        return new Footprint(
                Math.max(chunk, other.chunk),
                Math.max(unpackedChunk, other.unpackedChunk),
                Math.max(rowGroup, other.rowGroup),
                unpacked + other.unpacked,
                Math.max(entry, other.entry),
                equalityDeletes + other.equalityDeletes);
    }

    /** What a merge of pages takes at least, beside equality deletes, which it never has. */
    long leastByPages() {
        return BASE + TIMES * chunk + VALUES * entry;
    }

    /** What a rewrite by records takes at least: a row group as it is stored, and one that is being written. */
    long leastByRecords() {
        return BASE + rowGroup + rowGroup / 2 + VALUES * entry + equalityDeletes;
    }

    /** What it takes to read the rows, and to write none. */
    public Need needToRead() {
        return new Need(leastByRecords(), leastByRecords());
    }

    /**
     * What the group takes, by pages where there is enough for that.
     *
     * @param byPages whether its pages can be merged
     * @param rowGroupSize bytes of a row group as the table wants them
     */
    Need need(boolean byPages, long rowGroupSize) {
        long least = byPages ? Math.min(leastByPages(), leastByRecords()) : leastByRecords();
        long written = Math.max(
                Math.min(rowGroupSize, Math.max(unpacked, rowGroup)), Math.min(unpackedChunk, MOST_UNPACKED_CHUNK));
        long wanted = BASE + TIMES * Math.max(written, byPages ? chunk : 0) + equalityDeletes;
        return new Need(least, Math.max(least, wanted));
    }
}
