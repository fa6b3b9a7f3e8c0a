package io.sink.table;

import java.util.function.LongSupplier;

/**
 * Checks the bytes of an Avro file on their way to its reader. The reader allocates by the lengths in the header and in
 * each block; this refuses a length that exceeds the rest of the file.
 *
 * @ref LLP 0020#claims
 */
final class AvroFrames {
    private static final int MAGIC_BYTES = 4;
    private static final int SYNC_BYTES = 16;

    /** Lengths up to this many bytes are not compared with that of the file, which may take a request. */
    private static final long SMALL = 1 << 16;

    private enum State {
        ENTRIES,
        ENTRIES_LENGTH,
        KEY,
        VALUE,
        RECORDS,
        BLOCK,
        UNKNOWN
    }

    private final String location;
    private final LongSupplier length;
    private State state = State.ENTRIES;
    private long position;
    private long passed = MAGIC_BYTES;
    private long entries;
    private long number;
    private int shift;

    /** @param length the length of the file; asked only for a large claim */
    AvroFrames(String location, LongSupplier length) {
        this.location = location;
        this.length = length;
    }

    /** Notes a seek. From the beginning of the file on the bytes are checked again; from elsewhere they are not. */
    void seek(long to) {
        if (to == position) {
            return;
        }
        state = to == 0 ? State.ENTRIES : State.UNKNOWN;
        position = to;
        passed = MAGIC_BYTES;
        number = 0;
        shift = 0;
    }

    /**
     * Checks the next bytes.
     *
     * @throws UnreadableMetadataException if a length in them exceeds the file
     */
    void next(byte[] bytes, int offset, int count) {
        int until = offset + count;
        for (int at = offset; at < until && state != State.UNKNOWN; ) {
            int skipped = (int) Math.min(passed, until - at);
            passed -= skipped;
            position += skipped;
            at += skipped;
            if (at < until) {
                digit(bytes[at++]);
                position++;
            }
        }
        if (state == State.UNKNOWN) {
            position = -1;
        }
    }

    private void digit(byte digit) {
        if (shift > 63) {
            throw beyond("a number of more than 64 bits");
        }
        number |= (long) (digit & 0x7F) << shift;
        shift += 7;
        if (digit < 0) {
            return;
        }
        long value = number >>> 1 ^ -(number & 1);
        number = 0;
        shift = 0;
        said(value);
    }

    private void said(long value) {
        switch (state) {
            case ENTRIES -> {
                entries = Math.abs(value);
                if (value == 0) {
                    passed = SYNC_BYTES;
                    state = State.RECORDS;
                } else {
                    require("a header of %d entries", entries);
                    state = value < 0 ? State.ENTRIES_LENGTH : State.KEY;
                }
            }
            case ENTRIES_LENGTH -> state = State.KEY;
            case KEY -> {
                require("a name of %d bytes", value);
                passed = value;
                state = State.VALUE;
            }
            case VALUE -> {
                require("a value of %d bytes", value);
                passed = value;
                entries--;
                state = entries == 0 ? State.ENTRIES : State.KEY;
            }
            case RECORDS -> {
                if (value < 0 || value > AvroLimits.bytes()) {
                    throw beyond("a block of %d records".formatted(value));
                }
                state = State.BLOCK;
            }
            case BLOCK -> {
                require("a block of %d bytes", value);
                if (value > AvroLimits.bytes()) {
                    throw UnreadableMetadataException.tooLarge(location, AvroLimits.bytes());
                }
                passed = value + SYNC_BYTES;
                state = State.RECORDS;
            }
            case UNKNOWN -> {}
        }
    }

    private void require(String what, long claimed) {
        if (claimed < 0 || claimed > SMALL && claimed > length.getAsLong() - position) {
            throw beyond(what.formatted(claimed));
        }
    }

    private UnreadableMetadataException beyond(String what) {
        return UnreadableMetadataException.wrong(location, "%s, which the file cannot hold".formatted(what));
    }
}
