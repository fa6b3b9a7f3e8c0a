package io.sink.pages;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.parquet.io.SeekableInputStream;

/**
 * Several buffers as one stream for Parquet's writer, which copies from streams. Can be read only once from its start.
 */
final class SegmentStream extends SeekableInputStream {
    private final List<ByteBuffer> segments;
    private final long start;
    private int segment;
    private long position;

    /** @param start the position that the stream reports for the first byte */
    SegmentStream(List<ByteBuffer> segments, long start) {
        this.segments = segments.stream().map(ByteBuffer::duplicate).toList();
        this.start = start;
        this.position = start;
    }

    @Override
    public long getPos() {
        return position;
    }

    @Override
    public void seek(long newPosition) throws IOException {
        // The writer seeks to the start before it copies, and would seek back if it had to read a header.
        if (newPosition != position || position != start) {
            throw new IOException("read once, from " + start + ": cannot seek to " + newPosition);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
        while (segment < segments.size() && !segments.get(segment).hasRemaining()) {
            segment++;
        }
        if (segment == segments.size()) {
            return -1;
        }
        ByteBuffer from = segments.get(segment);
        int count = Math.min(length, from.remaining());
        from.get(to, offset, count);
        position += count;
        return count;
    }

    @Override
    public void readFully(byte[] to) throws IOException {
        readFully(to, 0, to.length);
    }

    @Override
    public void readFully(byte[] to, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int count = read(to, offset + done, length - done);
            if (count < 0) {
                throw new EOFException();
            }
            done += count;
        }
    }

    @Override
    public int read(ByteBuffer to) {
        byte[] bytes = new byte[to.remaining()];
        int count = read(bytes, 0, bytes.length);
        if (count > 0) {
            to.put(bytes, 0, count);
        }
        return count;
    }

    @Override
    public void readFully(ByteBuffer to) throws IOException {
        byte[] bytes = new byte[to.remaining()];
        readFully(bytes);
        to.put(bytes);
    }
}
