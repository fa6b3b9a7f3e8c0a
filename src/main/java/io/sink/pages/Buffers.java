package io.sink.pages;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a merge, and large byte arrays in it that are used again, since to allocate, clear and collect them
 * takes longer than what is done with them. For several threads.
 *
 * <p>Who gives an array back must have seen to it that nobody reads it any more.
 */
public final class Buffers {
    /** Lengths are multiples of this; shorter arrays are left to the collector. */
    private static final int STEP = 64 << 10;

    private final long memory;
    private final long most;
    private final TreeMap<Integer, Deque<byte[]>> free = new TreeMap<>();
    private long held;

    /** @param memory bytes that a merge may take in all, of which a quarter is held for later */
    public Buffers(long memory) {
        this.memory = memory;
        this.most = memory / 4;
    }

    /** Bytes that the merge may take in all. */
    public long memory() {
        return memory;
    }

    /** Bytes that may be made ready before it is their turn, for each of the columns that are at work. */
    long ahead() {
        return memory / 16;
    }

    /** Bytes that one column chunk of a source may have. */
    long mostOfChunk() {
        return Math.min(Integer.MAX_VALUE - 16, memory / 2);
    }

    /** An array of at least this length, which holds whatever it held before. */
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

    /** Gives an array back, from here or from elsewhere. */
    public synchronized void give(byte[] array) {
        assert spoiled(array);
        if (array.length >= STEP && held + array.length <= most) {
            free.computeIfAbsent(array.length, any -> new ArrayDeque<>()).add(array);
            held += array.length;
        }
    }

    /** Where assertions are on, as in tests: who still reads the array reads something else. */
    private static boolean spoiled(byte[] array) {
        Arrays.fill(array, (byte) 0x5a);
        return true;
    }
}
