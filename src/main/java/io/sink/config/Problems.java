package io.sink.config;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Problems as they are found; the same problem at the same place counts once. */
final class Problems {

    private final Set<Problem> found = new LinkedHashSet<>();

    void add(Node at, String path, String message) {
        add(at.line(), at.column(), path, message);
    }

    void add(int line, int column, String path, String message) {
        found.add(new Problem(line, column, path, message));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** The problems in the order of the file, free of the given secrets. */
    List<Problem> sorted(Secrets secrets) {
        return found.stream()
                .map(p -> new Problem(p.line(), p.column(), secrets.redact(p.path()), secrets.redact(p.message())))
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .toList();
    }
}
