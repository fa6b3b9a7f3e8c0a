package io.sink.pages;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Large byte arrays that are used again, since to allocate, clear and collect them takes longer than what is done with
 * them. For several threads.
 *
 * <p>Who gives an array back must have seen to it that nobody reads it any more.
 */
public final class Buffers {
    /** Lengths are multiples of this; shorter arrays are left to the collector. */
    private static final int STEP = 64 << 10;

    private final long most;
    private final TreeMap<Integer, Deque<byte[]>> free = new TreeMap<>();
    private long held;

    /** @param most bytes that are held for later */
    public Buffers(long most) {
        this.most = most;
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
