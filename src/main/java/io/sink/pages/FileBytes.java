package io.sink.pages;

import java.nio.ByteBuffer;

/** The bytes of one file, read by position, by several threads. */
public interface FileBytes {
    /** The file, for messages. */
    String name();

    /** Bytes of the file. */
    long length();

    /**
     * Reads bytes.
     *
     * @return part of an array, not to be written to, and not to be read once the file is closed
     * @throws java.io.UncheckedIOException if they cannot be read
     * @throws BrokenPageException if the file has no such bytes
     */
    ByteBuffer read(long offset, int length);
}
