package io.sink.rewrite;

import io.sink.pages.RowGroupPart;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which row groups of the inputs are merged into one of the output, and when a file is full. It decides before
 * writing, from the compressed sizes of the inputs and from the sizes that earlier ones resulted in.
 */
final class OutputSizing {
    /** Bytes of memory for the metadata of a column chunk that waits to be merged. */
    private static final long BYTES_PER_CHUNK = 2048;

    /** Times the target size at which a file is closed, whatever number of rows was expected. */
    private static final double CUT_AT = 1.6;

    private final FileGroup group;
    private final long rowGroupSize;
    private final long maxChunks;
    private final List<RowGroupPart> pending = new ArrayList<>();
    private long pendingBytes;
    private long pendingRows;
    private long pendingChunks;
    private long bytesIn;
    private long bytesOut;
    private long rowsClosed;
    private long bytesClosed;
    private long rowsOpen;
    private long rowsWanted;

    /**
     * @param rowGroupSize target size of a row group of the output, in bytes
     * @param memory bytes that the rewrite may take
     */
    OutputSizing(FileGroup group, long rowGroupSize, long memory) {
        this.group = group;
        this.rowGroupSize = rowGroupSize;
        this.maxChunks = Math.max(64, memory / 4 / BYTES_PER_CHUNK);
    }

    /** Whether the next part, with this many live rows, begins another file. */
    boolean fileEndsBefore(int liveRows) {
        long rows = rowsOpen + pendingRows;
        return rows > 0 && rows + liveRows / 2 > rowsWanted;
    }

    /** Whether the next part begins another row group. */
    boolean rowGroupEndsBefore(RowGroupPart part) {
        return !pending.isEmpty()
                && ((pendingBytes + bytes(part) / 2) * growth() > rowGroupSize
                        || pendingChunks + chunks(part) > maxChunks);
    }

    /** Whether a file of this length is too long, whatever number of rows was expected. */
    boolean isTooLong(long length) {
        return length > CUT_AT * group.targetFileSizeBytes();
    }

    /**
     * Adds a part to the pending row group.
     *
     * @param liveRows rows of the part that are not deleted
     * @param rowsRead rows of the inputs up to and including this part, deleted ones included
     */
    void add(RowGroupPart part, int liveRows, long rowsRead) {
        if (rowsOpen + pendingRows == 0) {
            rowsWanted = OutputSize.rowsOfNextFile(
                    Math.max(1, group.records() - rowsRead + part.rows()), bytesPerRow(), group.targetFileSizeBytes());
        }
        pending.add(part);
        pendingBytes += bytes(part);
        pendingRows += liveRows;
        pendingChunks += chunks(part);
    }

    /** The parts of the pending row group. */
    List<RowGroupPart> pending() {
        return pending;
    }

    /** Notes that a file was opened. */
    void opened() {
        rowsOpen = 0;
    }

    /** Notes that the pending row group was written, with this many bytes. */
    void written(long bytes) {
        bytesOut += bytes;
        bytesIn += pendingBytes;
        rowsOpen += pendingRows;
        pending.clear();
        pendingBytes = 0;
        pendingRows = 0;
        pendingChunks = 0;
    }

    /** Notes that the open file was closed with this length. */
    void closed(long length) {
        bytesClosed += length;
        rowsClosed += rowsOpen;
        rowsOpen = 0;
    }

    private static long bytes(RowGroupPart part) {
        return part.file().compressedBytes(part.rowGroup());
    }

    private static int chunks(RowGroupPart part) {
        return part.file().columns(part.rowGroup());
    }

    /** Bytes written so far for each byte of the inputs. */
    private double growth() {
        return bytesIn == 0 ? 1 : (double) bytesOut / bytesIn;
    }

    private double bytesPerRow() {
        return rowsClosed > 0
                ? (double) bytesClosed / rowsClosed
                : (double) group.dataBytes() / Math.max(1, group.records());
    }
}
