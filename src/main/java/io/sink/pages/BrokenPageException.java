package io.sink.pages;

/** A Parquet file says something about itself that is not so: it is damaged, or its writer was wrong. */
public final class BrokenPageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message the file, the column where there is one, and what is wrong */
    public BrokenPageException(String message) {
        super(message);
    }

    /** @param cause what was thrown when it was found out */
    public BrokenPageException(String message, Throwable cause) {
        super(message, cause);
    }
}
