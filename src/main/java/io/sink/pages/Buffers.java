package io.sink.pages;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a merge, with a pool of large byte arrays: to allocate, clear and collect new ones takes longer than
 * the work on them. Safe for use by several threads.
 *
 * <p>Whoever returns an array must make sure that nobody reads it any more.
 */
public final class Buffers {
    /** Lengths of pooled arrays are multiples of this; shorter arrays are left to the garbage collector. */
    private static final int STEP = 64 << 10;

    private final long memory;
    private final long most;
    private final TreeMap<Integer, Deque<byte[]>> free = new TreeMap<>();
    private long held;

    /** @param memory bytes that a merge may take in all; the pool holds up to a quarter */
    public Buffers(long memory) {
        this.memory = memory;
        this.most = memory / 4;
    }

    /** Bytes that the merge may take in all. */
    public long memory() {
        return memory;
    }

    /** Bytes that may be prepared ahead for each column that is at work. */
    long ahead() {
        return memory / 16;
    }

    /** The most bytes that one column chunk of a source may have. */
    long mostOfChunk() {
        return Math.min(Integer.MAX_VALUE - 16, memory / 2);
    }

    /** An array of at least this length, with arbitrary content. */
    public byte[] take(int length) {
        byte[] used = used(length);
        if (used != null) {
            return used;
        }
        long rounded = (length + STEP - 1L) / STEP * STEP;
        return new byte[length < STEP || rounded > Integer.MAX_VALUE - 16 ? length : (int) rounded];
    }

    private synchronized byte @Nullable [] used(int length) {
        Map.Entry<Integer, Deque<byte[]>> next = free.ceilingEntry(length);
        if (length < STEP || next == null || next.getKey() > 2L * length) {
            return null;
        }
        byte[] array = next.getValue().remove();
        held -= array.length;
        if (next.getValue().isEmpty()) {
            free.remove(next.getKey());
        }
        return array;
    }

    /** Returns an array to the pool, whether it came from there or not. */
    public synchronized void give(byte[] array) {
        assert spoiled(array);
        if (array.length >= STEP && held + array.length <= most) {
            free.computeIfAbsent(array.length, any -> new ArrayDeque<>()).add(array);
            held += array.length;
        }
    }

    /** With assertions on, as in tests, overwrites the array, so that late readers fail. */
    private static boolean spoiled(byte[] array) {
        Arrays.fill(array, (byte) 0x5a);
        return true;
    }
}
