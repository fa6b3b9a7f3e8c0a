package io.sink.pages;

/** The bytes of one file, read by position, by several threads. */
public interface FileBytes {
    /** The file, for messages. */
    String name();

    /** Bytes of the file. */
    long length();

    /**
     * Reads bytes.
     *
     * @throws java.io.UncheckedIOException if they cannot be read
     * @throws BrokenPageException if the file has no such bytes
     */
    byte[] read(long offset, int length);
}
