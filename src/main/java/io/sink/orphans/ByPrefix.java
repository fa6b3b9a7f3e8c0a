package io.sink.orphans;

import io.sink.outcome.Findings.Share;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Files and bytes by the directory that they lie in, two levels deep; the largest are named, the rest summed. */
final class ByPrefix {
    private static final int LEVELS = 2;
    private static final int MOST_KEPT = 10_000;
    private static final int MOST_NAMED = 20;
    private static final String OTHERS = "(others)";

    private final Map<String, long[]> sums = new HashMap<>();

    /** @param root the place that the file lies in, as a prefix of its location */
    void add(String root, ListedFile file) {
        String prefix = prefix(root, file.location());
        if (sums.size() >= MOST_KEPT && !sums.containsKey(prefix)) {
            prefix = OTHERS;
        }
        long[] sum = sums.computeIfAbsent(prefix, any -> new long[2]);
        sum[0]++;
        sum[1] += file.bytes();
    }

    private static String prefix(String root, String location) {
        int end = location.startsWith(root) ? root.length() : location.lastIndexOf('/') + 1;
        for (int level = 0; level < LEVELS; level++) {
            int slash = location.indexOf('/', end);
            if (slash < 0) {
                break;
            }
            end = slash + 1;
        }
        return location.substring(0, end);
    }

    /** The largest first. */
    List<Share> shares() {
        List<Share> all = new ArrayList<>();
        sums.forEach((prefix, sum) -> all.add(new Share(prefix, sum[0], sum[1])));
        all.sort(Comparator.comparing((Share share) -> share.prefix().equals(OTHERS))
                .thenComparing(Comparator.comparingLong(Share::bytes).reversed())
                .thenComparing(Share::prefix));
        if (all.size() <= MOST_NAMED) {
            return all;
        }
        List<Share> rest = all.subList(MOST_NAMED - 1, all.size());
        List<Share> named = new ArrayList<>(all.subList(0, MOST_NAMED - 1));
        named.add(new Share(
                OTHERS,
                rest.stream().mapToLong(Share::files).sum(),
                rest.stream().mapToLong(Share::bytes).sum()));
        return named;
    }
}
