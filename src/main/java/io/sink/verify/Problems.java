package io.sink.verify;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with a table: the first ten thousand, and how many more there are. */
final class Problems {
    private static final int MOST = 10_000;

    private final List<String> listed = new ArrayList<>();
    private long omitted;

    void add(String problem) {
        if (listed.size() < MOST) {
            listed.add(problem);
        } else {
            omitted++;
        }
    }

    List<String> listed() {
        return listed;
    }

    long omitted() {
        return omitted;
    }

    long count() {
        return listed.size() + omitted;
    }
}
