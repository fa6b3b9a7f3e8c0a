package io.sink.rewrite;

import io.sink.pages.RowGroupPart;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which row groups of inputs come together into one of the output, and when a file is full: before a byte is
 * written, from the compressed sizes of the inputs and from what those before them came to.
 */
final class OutputSizing {
    /** Memory for what is known of a column chunk that waits to be merged. */
    private static final long BYTES_PER_CHUNK = 2048;

    /** Times the target at which a file is closed whatever was expected of its rows. */
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
     * @param rowGroupSize bytes of a row group of the output
     * @param memory of the rewrite, in bytes
     */
    OutputSizing(FileGroup group, long rowGroupSize, long memory) {
        this.group = group;
        this.rowGroupSize = rowGroupSize;
        this.maxChunks = Math.max(64, memory / 4 / BYTES_PER_CHUNK);
    }

    /** Whether this part begins another file. */
    boolean fileEndsBefore(int liveRows) {
        long rows = rowsOpen + pendingRows;
        return rows > 0 && rows + liveRows / 2 > rowsWanted;
    }

    /** Whether this part begins another row group. */
    boolean rowGroupEndsBefore(RowGroupPart part) {
        return !pending.isEmpty()
                && ((pendingBytes + bytes(part) / 2) * growth() > rowGroupSize
                        || pendingChunks + chunks(part) > maxChunks);
    }

    /** Whether a file of this length is too long whatever was expected of its rows. */
    boolean isTooLong(long length) {
        return length > CUT_AT * group.targetFileSizeBytes();
    }

    /**
     * Takes a part for the row group that comes next.
     *
     * @param rowsRead rows of the inputs until and with this part, deleted ones included
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

    /** The parts of the row group that comes next. */
    List<RowGroupPart> pending() {
        return pending;
    }

    /** A file was opened. */
    void opened() {
        rowsOpen = 0;
    }

    /** What was pending is a row group of so many bytes now. */
    void written(long bytes) {
        bytesOut += bytes;
        bytesIn += pendingBytes;
        rowsOpen += pendingRows;
        pending.clear();
        pendingBytes = 0;
        pendingRows = 0;
        pendingChunks = 0;
    }

    /** The open file is closed, and has this length. */
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

    /** Bytes written for each byte of a source so far. */
    private double growth() {
        return bytesIn == 0 ? 1 : (double) bytesOut / bytesIn;
    }

    private double bytesPerRow() {
        return rowsClosed > 0
                ? (double) bytesClosed / rowsClosed
                : (double) group.dataBytes() / Math.max(1, group.records());
    }
}
