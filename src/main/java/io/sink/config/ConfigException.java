package io.sink.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration is missing or wrong; the message has every problem, a line each, in the order of the file. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ConfigException(String file, List<Problem> problems) {
        super(problems.stream().map(problem -> problem.render(file)).collect(Collectors.joining("\n")));
    }

    ConfigException(String message) {
        this("", List.of(new Problem(0, 0, "", message)));
    }
}
