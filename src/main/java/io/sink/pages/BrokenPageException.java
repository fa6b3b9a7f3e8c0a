package io.sink.pages;

/** A Parquet file contradicts itself or its metadata: it is damaged, or its writer was wrong. */
public final class BrokenPageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message names the file, the column if there is one, and what is wrong */
    public BrokenPageException(String message) {
        super(message);
    }

    /**
     * @param message names the file, the column if there is one, and what is wrong
     * @param cause the exception that showed it
     */
    public BrokenPageException(String message, Throwable cause) {
        super(message, cause);
    }
}
