package io.sink.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration is missing or wrong; carries every problem that was found, not only the first. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ConfigException(String file, List<Problem> problems) {
        super(problems.stream().map(problem -> problem.render(file)).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    ConfigException(String message) {
        this("", List.of(new Problem(0, 0, "", message)));
    }

    /** Every problem, in the order of the file; the message has them one per line. */
    public List<Problem> problems() {
        return problems;
    }
}
