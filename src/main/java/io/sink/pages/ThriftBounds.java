package io.sink.pages;

/**
 * Walks over data in Thrift's compact protocol without keeping it. A list with more elements, or a text with more
 * bytes, than there are bytes left is refused before a reader allocates memory for it.
 *
 * @ref LLP 0020#claims
 */
public final class ThriftBounds {
    /** Deepest nesting; footers have less than ten levels. */
    private static final int DEPTH = 64;

    private static final int INCOMPLETE = -1;

    private final byte[] bytes;
    private final int until;
    private int at;

    private ThriftBounds(byte[] bytes, int from, int until) {
        this.bytes = bytes;
        this.at = from;
        this.until = until;
    }

    private static final class IncompleteException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        IncompleteException() {
            super(null, null, false, false);
        }
    }

    /**
     * The position after the struct that begins at {@code from}; negative if the bytes end within the struct.
     *
     * @param available the most bytes from {@code from} on, in case {@code bytes} does not have all of them yet
     * @throws BrokenPageException if the struct claims more than that
     */
    public static int end(byte[] bytes, int from, int until, long available) {
        ThriftBounds walk = new ThriftBounds(bytes, from, until);
        try {
            walk.struct(from + available, 0);
            return walk.at;
        } catch (IncompleteException e) {
            return INCOMPLETE;
        }
    }

    /**
     * Checks that these bytes begin with a complete struct.
     *
     * @throws BrokenPageException if they do not, or if the struct claims more than there is
     */
    public static void require(byte[] bytes, int from, int until) {
        if (end(bytes, from, until, until - from) < 0) {
            throw new BrokenPageException("a struct that ends after its bytes");
        }
    }

    private void struct(long end, int depth) {
        for (int field = next(); field != 0; field = next()) {
            if (field >>> 4 == 0) {
                number();
            }
            int type = field & 0xF;
            if (type > 2) {
                value(type, end, depth);
            }
        }
    }

    /** Skips a value. A boolean field has none, since its type is its value. */
    private void value(int type, long end, int depth) {
        if (depth > DEPTH) {
            throw new BrokenPageException("structs nested more than " + DEPTH + " deep");
        }
        switch (type) {
            case 1, 2, 3 -> next();
            case 4, 5, 6 -> number();
            case 7 -> skip(Double.BYTES, end);
            case 8 -> skip(number(), end);
            case 9, 10 -> list(end, depth);
            case 11 -> map(end, depth);
            case 12 -> struct(end, depth + 1);
            default -> throw new BrokenPageException("a field of unknown type " + type);
        }
    }

    private void list(long end, int depth) {
        int head = next();
        long size = head >>> 4 == 0xF ? number() : head >>> 4;
        elements(size, end);
        for (long i = 0; i < size; i++) {
            value(head & 0xF, end, depth + 1);
        }
    }

    private void map(long end, int depth) {
        long size = number();
        elements(size, end);
        int types = size == 0 ? 0 : next();
        for (long i = 0; i < size; i++) {
            value(types >>> 4, end, depth + 1);
            value(types & 0xF, end, depth + 1);
        }
    }

    /** Checks a number of elements, each of which has at least one byte. */
    private void elements(long size, long end) {
        if (size < 0 || size > end - at) {
            throw new BrokenPageException("a list of " + size + " elements in " + (end - at) + " bytes");
        }
    }

    private void skip(long count, long end) {
        if (count < 0 || count > end - at) {
            throw new BrokenPageException("a text of " + count + " bytes in " + (end - at));
        }
        if (count > until - at) {
            throw new IncompleteException();
        }
        at += (int) count;
    }

    private long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int more = next();
            value |= (long) (more & 0x7F) << shift;
            if (more < 128) {
                return value;
            }
        }
        throw new BrokenPageException("a number of more than 64 bits");
    }

    private int next() {
        if (at >= until) {
            throw new IncompleteException();
        }
        return bytes[at++] & 0xFF;
    }
}
