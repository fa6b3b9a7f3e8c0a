package io.sink.worlds;

import java.util.Map;
import java.util.TreeMap;

/** What the worlds exercised, so that one sees that the test is not empty. */
final class Tally {
    private final Map<String, Integer> counts = new TreeMap<>();

    void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    int of(String what) {
        return counts.getOrDefault(what, 0);
    }

    /** The counts whose names begin so, in one line. */
    String line(String prefix) {
        StringBuilder line = new StringBuilder();
        counts.forEach((name, count) -> {
            if (name.startsWith(prefix)) {
                line.append(line.isEmpty() ? "" : ", ")
                        .append(name.substring(prefix.length()))
                        .append(' ')
                        .append(count);
            }
        });
        return line.toString();
    }
}
