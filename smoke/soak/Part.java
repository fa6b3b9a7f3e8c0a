package soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * One soak of one process.
 *
 * @param catalog the kind of catalog
 * @param begun when, as {@code 2026-11-30T02:00Z}
 * @param seed of the writers
 * @param samples in the order of time, none of the first minute or so, in which a JVM only grows
 */
record Part(String catalog, String begun, long seed, List<Sample> samples) {
    private static final int MINUTE = 60;

    /** What a process said of itself, one sample a minute, without the first tenth of its time, a minute at most. */
    static Part of(String catalog, String begun, long seed, List<Sample> all) {
        long until = all.get(all.size() - 1).second();
        long from = Math.min(MINUTE, until / 10);
        Map<Long, Sample> minutes = new TreeMap<>();
        long step = Math.min(MINUTE, Math.max(1, until / 10));
        for (Sample sample : all) {
            if (sample.second() >= from) {
                minutes.put(sample.second() / step, sample);
            }
        }
        return new Part(catalog, begun, seed, List.copyOf(minutes.values()));
    }

    /** Those of the second half: in the first, a JVM's memory and the history of the table grow to their size. */
    List<Sample> settled() {
        return samples.subList(samples.size() / 2, samples.size());
    }

    /** Of the second half. */
    double mean(ToLongFunction<Sample> figure) {
        return settled().stream().mapToLong(figure).average().orElse(0);
    }

    Sample last() {
        return samples.get(samples.size() - 1);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        samples.forEach(sample -> lines.add(String.join(",", catalog, begun, Long.toString(seed), sample.line())));
        return lines;
    }
}
