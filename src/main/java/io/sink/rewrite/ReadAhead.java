package io.sink.rewrite;

import io.sink.pages.Buffers;
import io.sink.rows.GroupInput;
import java.io.Closeable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.iceberg.io.FileIO;

/**
 * Opens the inputs of a group before they are needed, several at a time, so that they are fetched while earlier inputs
 * are merged and uploaded.
 */
final class ReadAhead implements Closeable {
    /** Requests under way at once. */
    private static final int THREADS = 4;

    private static final int FILES = 32;
    private static final long MOST_BYTES = 32 << 20;

    private final FileIO io;
    private final Iterator<GroupInput> inputs;
    private final Footers footers;
    private final Buffers buffers;
    private final long small;
    private final long window;
    private final Deque<Opening> ahead = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "sink-fetch");
        thread.setDaemon(true);
        return thread;
    });
    private long bytes;
    private volatile boolean closed;

    ReadAhead(FileIO io, List<GroupInput> inputs, Footers footers, Buffers buffers) {
        this.io = io;
        this.inputs = inputs.iterator();
        this.footers = footers;
        this.buffers = buffers;
        this.small = SourceBytes.small(buffers);
        this.window = Math.min(MOST_BYTES, buffers.memory() / 16);
    }

    /**
     * An input that is being opened.
     *
     * @param bytes bytes that it takes in memory once it is fetched
     */
    private record Opening(CompletableFuture<SourceBytes> source, long bytes) {}

    /**
     * The next input, in the order of the group. The caller closes it.
     *
     * @throws RuntimeException why the input cannot be read
     */
    SourceBytes next() {
        fill();
        Opening opening = ahead.remove();
        bytes -= opening.bytes();
        return await(opening.source());
    }

    private void fill() {
        while (inputs.hasNext() && (ahead.isEmpty() || (bytes < window && ahead.size() < FILES))) {
            GroupInput input = inputs.next();
            long length = input.data().fileSizeInBytes();
            Opening opening = new Opening(
                    CompletableFuture.supplyAsync(() -> open(input), threads), length <= small ? length : 0);
            ahead.add(opening);
            bytes += opening.bytes();
        }
    }

    private SourceBytes open(GroupInput input) {
        if (closed) {
            throw new CancellationException("the rewrite of the group has ended");
        }
        return SourceBytes.open(
                io.newInputFile(input.data()), footers.take(input.data().location()), buffers);
    }

    private static SourceBytes await(CompletableFuture<SourceBytes> source) {
        try {
            return source.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /** Waits for the inputs that are being opened, and closes them. */
    @Override
    public void close() {
        closed = true;
        threads.shutdown();
        for (Opening opening : ahead) {
            try {
                await(opening.source()).close();
            } catch (RuntimeException e) {
                // This input is no longer needed.
            }
        }
        ahead.clear();
    }
}
