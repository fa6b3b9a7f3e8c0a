package io.sink.manifests;

import io.sink.table.Manifests;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Comparators;
import org.jspecify.annotations.Nullable;

/** Ranges of partitions with about as many files each, so that a scan of some partitions opens few manifests. */
record ByPartition(Comparator<StructLike> order, List<StructLike> ends) implements ManifestGroup.Clusters {
    /** About 200 bytes of memory each. */
    private static final int MOST_PARTITIONS = 100_000;

    /**
     * Counts the files of each partition.
     *
     * @param most ranges to make; fewer come out where there are fewer partitions
     * @return null where there are too many partitions to hold
     */
    static @Nullable ByPartition over(
            List<ManifestFile> manifests, PartitionSpec spec, int most, FileIO io, Map<Integer, PartitionSpec> specs) {
        Comparator<StructLike> order = Comparators.forType(spec.partitionType());
        TreeMap<StructLike, Integer> files = new TreeMap<>(order);
        for (ManifestFile manifest : manifests) {
            Manifests.liveFiles(manifest, io, specs, file -> {
                if (files.computeIfPresent(file.partition(), (same, count) -> count + 1) == null
                        && files.size() <= MOST_PARTITIONS) {
                    files.put(((ContentFile<?>) file.copyWithoutStats()).partition(), 1);
                }
            });
            if (files.size() > MOST_PARTITIONS) {
                return null;
            }
        }
        return new ByPartition(order, ends(files, most));
    }

    /** The last partition of each range except the last range, which has no end. */
    private static List<StructLike> ends(TreeMap<StructLike, Integer> files, int most) {
        long all = files.values().stream().mapToLong(Integer::longValue).sum();
        List<StructLike> ends = new ArrayList<>();
        long seen = 0;
        for (Map.Entry<StructLike, Integer> partition : files.entrySet()) {
            seen += partition.getValue();
            boolean full = seen * most >= all * (ends.size() + 1);
            if (full && ends.size() < most - 1 && !partition.getKey().equals(files.lastKey())) {
                ends.add(partition.getKey());
            }
        }
        return List.copyOf(ends);
    }

    @Override
    public int count() {
        return ends.size() + 1;
    }

    @Override
    public int of(DataFile file) {
        int low = 0;
        int high = ends.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.compare(ends.get(middle), file.partition()) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
