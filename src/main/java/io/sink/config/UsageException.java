package io.sink.config;

import java.util.List;

/** A flag on the command line has a value that cannot be used; the message names each such flag and its value. */
public final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** One message for each flag or argument that cannot be used. */
    public UsageException(List<String> messages) {
        super(String.join("\n", messages));
    }
}
