package io.sink.compact;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How far a compaction in several waves has come.
 *
 * @param number of this wave, from 1 on
 * @param most how many there are at most
 * @param passed data files of the waves before: what they were to rewrite, whether they did, and what they wrote
 * @ref LLP 0032#waves
 */
record Waves(int number, int most, Set<String> passed) {
    Waves {
        passed = Set.copyOf(passed);
    }

    static Waves first(int most) {
        return new Waves(1, most, Set.of());
    }

    boolean isLast() {
        return number >= most;
    }

    /**
     * The wave after this one.
     *
     * @param inputs data files that this one was to rewrite
     * @param written data files that it wrote
     */
    Waves next(List<String> inputs, List<String> written) {
        Set<String> more = new HashSet<>(passed);
        more.addAll(inputs);
        more.addAll(written);
        return new Waves(number + 1, most, more);
    }

    /** Text for the end of a sentence; empty if there is only one. */
    String described() {
        return most == 1 ? "" : "; wave " + number + " of at most " + most;
    }
}
