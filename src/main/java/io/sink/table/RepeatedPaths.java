package io.sink.table;

/**
 * Finds the paths that occur more than once among many, with 11 to 32 bytes of memory for each path.
 *
 * <p>It holds 64-bit hashes. If two paths share one, both seem to be repeated, which callers must tolerate.
 *
 * @ref LLP 0021#found
 */
public final class RepeatedPaths {
    private static final int AT_ONCE = 1024;

    private final Hashes once = new Hashes();
    private final Hashes again = new Hashes();

    /** Counts the occurrences that one thread comes upon. */
    public final class Part {
        private final long[] hashes = new long[AT_ONCE];
        private byte[] characters = new byte[256];
        private int size;

        /** Counts one occurrence. */
        public void add(String path) {
            if (path.length() > characters.length) {
                characters = new byte[path.length()];
            }
            hashes[size++] = hash(path, characters);
            if (size == hashes.length) {
                end();
            }
        }

        /** To be called after the last one. */
        public void end() {
            synchronized (RepeatedPaths.this) {
                for (int at = 0; at < size; at++) {
                    if (!once.add(hashes[at])) {
                        again.add(hashes[at]);
                    }
                }
            }
            size = 0;
        }
    }

    /** A part of the count, for one thread. */
    public Part part() {
        return new Part();
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
        return again.contains(hash(path, new byte[path.length()]));
    }

    /**
     * FNV-1a of four characters at a time, with the last step of MurmurHash3; never 0.
     *
     * @param characters room for the lower halves of the path's characters, which are all that counts: two paths that
     *     differ only in the upper ones seem to be one
     */
    @SuppressWarnings("deprecation") // Nothing else reads a string as fast in a program that is compiled a little.
    private static long hash(String path, byte[] characters) {
        int length = path.length();
        path.getBytes(0, length, characters, 0);
        long hash = 0xcbf29ce484222325L;
        int at = 0;
        for (; at + 3 < length; at += 4) {
            int four = characters[at] & 0xff
                    | (characters[at + 1] & 0xff) << 8
                    | (characters[at + 2] & 0xff) << 16
                    | characters[at + 3] << 24;
            hash = (hash ^ four) * 0x100000001b3L;
        }
        for (; at < length; at++) {
            hash = (hash ^ characters[at]) * 0x100000001b3L;
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
