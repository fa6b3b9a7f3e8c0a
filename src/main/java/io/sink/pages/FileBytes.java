package io.sink.pages;

import java.nio.ByteBuffer;

/** The bytes of one file, read by position. Safe for use by several threads. */
public interface FileBytes {
    /** The name of the file, for messages. */
    String name();

    /** The length of the file, in bytes. */
    long length();

    /**
     * Reads bytes.
     *
     * @param offset position of the first byte in the file
     * @param length number of bytes
     * @return a part of an array, which must not be changed, nor read once the file is closed
     * @throws java.io.UncheckedIOException if they cannot be read
     * @throws BrokenPageException if the file has no such bytes
     */
    ByteBuffer read(long offset, int length);

    /**
     * Reads a column chunk like {@link #read}. A check that reads it after the merge may get the same bytes.
     */
    default ByteBuffer readChunk(long offset, int length) {
        return read(offset, length);
    }
}
