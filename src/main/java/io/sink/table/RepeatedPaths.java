package io.sink.table;

/**
 * Finds the paths that occur more than once among many, with 11 to 32 bytes of memory for each path.
 *
 * <p>It holds 64-bit hashes. If two paths share one, both seem to be repeated, which callers must tolerate.
 *
 * @ref LLP 0021#found
 */
public final class RepeatedPaths {
    private final Hashes once = new Hashes();
    private final Hashes again = new Hashes();

    /** Counts one occurrence. Any thread may call it. */
    public void add(String path) {
        long hash = hash(path);
        synchronized (this) {
            if (!once.add(hash)) {
                again.add(hash);
            }
        }
    }

    /** Whether no path occurred more than once. To be asked once all are counted. */
    public boolean isEmpty() {
        return again.size == 0;
    }

    /**
     * Whether the path occurred more than once; in rare cases true for a path that did not. To be asked once all are
     * counted.
     */
    public boolean contains(String path) {
        return again.contains(hash(path));
    }

    /** FNV-1a, with the last step of MurmurHash3; never 0. */
    private static long hash(String path) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < path.length(); i++) {
            hash = (hash ^ path.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        hash ^= hash >>> 33;
        return hash == 0 ? 1 : hash;
    }

    /** A set of numbers other than 0, at most three quarters full. */
    private static final class Hashes {
        private long[] slots = new long[16];
        private int size;

        boolean add(long hash) {
            int slot = slot(slots, hash);
            if (slots[slot] == hash) {
                return false;
            }
            slots[slot] = hash;
            size++;
            if (size > slots.length / 4 * 3) {
                grow();
            }
            return true;
        }

        boolean contains(long hash) {
            return slots[slot(slots, hash)] == hash;
        }

        private void grow() {
            long[] larger = new long[slots.length * 2];
            for (long hash : slots) {
                if (hash != 0) {
                    larger[slot(larger, hash)] = hash;
                }
            }
            slots = larger;
        }

        /** The slot of the number, or the free slot where it belongs. */
        private static int slot(long[] slots, long hash) {
            int slot = (int) hash & slots.length - 1;
            while (slots[slot] != 0 && slots[slot] != hash) {
                slot = slot + 1 & slots.length - 1;
            }
            return slot;
        }
    }
}
