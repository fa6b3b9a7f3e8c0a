package io.sink.inspect;

import io.sink.outcome.Inspection.Bucket;
import java.util.ArrayList;
import java.util.List;

/** Files by size: below 1 MiB, and from there in steps of four times as much. */
final class SizeHistogram {
    private static final long[] LIMITS = {1L << 20, 4L << 20, 16L << 20, 64L << 20, 256L << 20, 1L << 30};

    private final long[] files = new long[LIMITS.length + 1];
    private final long[] bytes = new long[LIMITS.length + 1];

    void add(long size) {
        int at = 0;
        while (at < LIMITS.length && size >= LIMITS[at]) {
            at++;
        }
        files[at]++;
        bytes[at] += size;
    }

    long files() {
        return sum(files);
    }

    long bytes() {
        return sum(bytes);
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    List<Bucket> buckets() {
        List<Bucket> buckets = new ArrayList<>();
        for (int at = 0; at < files.length; at++) {
            buckets.add(new Bucket(at < LIMITS.length ? LIMITS[at] : null, files[at], bytes[at]));
        }
        return buckets;
    }
}
