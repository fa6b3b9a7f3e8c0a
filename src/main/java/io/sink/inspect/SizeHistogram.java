package io.sink.inspect;

import io.sink.outcome.Inspection.Bucket;
import io.sink.table.Manifests;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableOperations;

/** Files by size: below 1 MiB, and from there in steps of four times as much. */
public final class SizeHistogram {
    private static final long[] LIMITS = {1L << 20, 4L << 20, 16L << 20, 64L << 20, 256L << 20, 1L << 30};

    private final long[] files = new long[LIMITS.length + 1];
    private final long[] bytes = new long[LIMITS.length + 1];

    /**
     * The live data files of {@code main} by size, smallest first.
     *
     * @throws RuntimeException if a manifest cannot be read
     */
    public static List<Bucket> of(TableOperations table) {
        SizeHistogram sizes = new SizeHistogram();
        Snapshot current = table.current().currentSnapshot();
        if (current != null) {
            List<ManifestFile> manifests = new ArrayList<>();
            Manifests.counted(current, table.io(), manifests::add);
            for (ManifestFile manifest : manifests) {
                if (manifest.content() == ManifestContent.DATA) {
                    Manifests.liveFiles(
                            manifest,
                            table.io(),
                            table.current().specsById(),
                            file -> sizes.add(file.fileSizeInBytes()));
                }
            }
        }
        return sizes.buckets();
    }

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
