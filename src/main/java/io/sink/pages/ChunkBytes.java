package io.sink.pages;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The bytes of a column chunk that waits to be written, in the order in which they were added. */
final class ChunkBytes {
    private static final int BLOCK = 1 << 20;

    private final Buffers buffers;
    private final List<ByteBuffer> segments = new ArrayList<>();
    private final List<ByteBuffer> blocks = new ArrayList<>();
    private long size;

    /** @param buffers lend the memory for copied bytes */
    ChunkBytes(Buffers buffers) {
        this.buffers = buffers;
    }

    /** Adds bytes without a copy; they must stay until the chunk is written. */
    void refer(ByteBuffer bytes) {
        size += bytes.remaining();
        segments.add(bytes);
    }

    /** Adds a copy of the bytes, kept until the chunk is written. */
    void copy(ByteBuffer bytes) {
        size += bytes.remaining();
        while (bytes.hasRemaining()) {
            ByteBuffer block = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
            if (block == null || !block.hasRemaining()) {
                block = ByteBuffer.wrap(buffers.take(BLOCK));
                blocks.add(block);
            }
            int from = block.position();
            int count = Math.min(block.remaining(), bytes.remaining());
            block.put(bytes.slice().limit(count));
            bytes.position(bytes.position() + count);
            segments.add(ByteBuffer.wrap(block.array(), from, count));
        }
    }

    long size() {
        return size;
    }

    List<ByteBuffer> segments() {
        return List.copyOf(segments);
    }

    /** Releases the bytes, which nobody may read any more. */
    void release() {
        segments.clear();
        blocks.forEach(block -> buffers.give(block.array()));
        blocks.clear();
    }
}
