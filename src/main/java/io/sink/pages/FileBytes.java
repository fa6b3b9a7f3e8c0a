package io.sink.pages;

/** The bytes of one file, read by position. For one thread at a time, unless an implementation says otherwise. */
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
