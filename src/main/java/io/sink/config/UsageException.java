package io.sink.config;

import java.util.List;
import java.util.stream.Collectors;

/** A flag on the command line has a value that cannot be used; the message names each such flag and its value. */
public final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(List<String> messages) {
        super(messages.stream().map(Problem::oneLine).collect(Collectors.joining("\n")));
    }
}
