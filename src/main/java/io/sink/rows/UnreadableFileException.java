package io.sink.rows;

/** The rows of a data or delete file cannot be read to the end; the cause says why. */
public final class UnreadableFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableFileException(String location, RuntimeException cause) {
        super(location + " cannot be read", cause);
    }

    /** The failure itself if its message names the file, else an exception that does. */
    static RuntimeException of(String location, RuntimeException failure) {
        String message = failure.getMessage();
        return message != null && message.contains(location) ? failure : new UnreadableFileException(location, failure);
    }
}
