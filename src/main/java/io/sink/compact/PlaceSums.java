package io.sink.compact;

import io.sink.compact.CompactPlan.Backlog;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.OutputSize;
import io.sink.table.DeleteKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.StructLikeMap;
import org.apache.iceberg.util.StructLikeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the manifests say of the candidates of each place, a partition or all that files of older specs have, without
 * one of the files. A place is worth a rewrite or not by its sums alone, unless the byte cap parts it.
 *
 * @ref LLP 0031#sums
 */
final class PlaceSums {
    /**
     * How many times the byte cap is looked at file by file, so that the groups that fit best are among it. One place
     * counts as the cap at most: of a larger one nothing may fit.
     */
    private static final int CAPS = 10;

    private static final int AT_ONCE = 1024;

    /** Parts of all manifests, by their locations, of which a place has one bit each; a multiple of 64. */
    private static final int PARTS = 512;

    private final StructLikeMap<Sum> chosen;
    private final StructLikeMap<Sum> busy;
    private final int minInputFiles;
    private final long target;
    private final int mostFiles;
    private long candidates;
    private long notMeant;
    private long unanswered;

    /** The candidates of one place. */
    private static final class Sum {
        private long files;
        private long bytes;
        private boolean alone;
        private final long[] manifests = new long[PARTS / Long.SIZE];
        private final Map<DeleteKey, Long> deletes = new HashMap<>();

        void add(Candidate candidate) {
            FileScanTask task = candidate.task();
            files++;
            bytes += task.length();
            alone |= candidate.alone();
            int part = part(task.file().manifestLocation());
            manifests[part / Long.SIZE] |= 1L << part;
            task.deletes()
                    .forEach(delete -> deletes.computeIfAbsent(
                            DeleteKey.of(delete), any -> FileGroup.deleteBytes(List.of(delete))));
        }

        long bytesToRead() {
            return bytes + deletes.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * @param partitions the type of the places
     * @param minInputFiles from how many candidates on a place is worth a rewrite
     * @param target bytes of a file to write
     * @param mostFiles that a plan looks at one by one
     */
    PlaceSums(Types.StructType partitions, int minInputFiles, long target, int mostFiles) {
        this.mostFiles = mostFiles;
        this.chosen = StructLikeMap.create(partitions);
        this.busy = StructLikeMap.create(partitions);
        this.minInputFiles = minInputFiles;
        this.target = target;
    }

    /**
     * A candidate that is not counted yet.
     *
     * @param place of the candidate; a copy of its own
     * @param alone whether it is worth a rewrite whatever there is beside it
     */
    record Candidate(StructLike place, FileScanTask task, boolean alone) {}

    /** Counts the candidates that one thread comes upon, many at a time, so that threads seldom wait for each other. */
    final class Part {
        private final Function<DataFile, Selection.Choice> choice;
        private final List<Candidate> open = new ArrayList<>(AT_ONCE);

        private Part(Function<DataFile, Selection.Choice> choice) {
            this.choice = choice;
        }

        void add(Candidate candidate) {
            open.add(candidate);
            if (open.size() == AT_ONCE) {
                end();
            }
        }

        /** To be called after the last one. */
        void end() {
            synchronized (PlaceSums.this) {
                open.forEach(candidate ->
                        count(candidate, choice.apply(candidate.task().file())));
            }
            open.clear();
        }
    }

    private void count(Candidate candidate, Selection.Choice choice) {
        switch (choice) {
            case CHOSEN -> {
                candidates++;
                chosen.computeIfAbsent(candidate.place(), Sum::new).add(candidate);
            }
            case BUSY -> busy.computeIfAbsent(candidate.place(), Sum::new).add(candidate);
            case NOT_MEANT -> notMeant++;
            case UNANSWERED -> unanswered++;
        }
    }

    /**
     * A part of the count, for one thread.
     *
     * @param choice what its partition means for a file; asked by one thread at a time
     */
    Part part(Function<DataFile, Selection.Choice> choice) {
        return new Part(choice);
    }

    /** Candidates that may be rewritten. */
    long candidates() {
        return candidates;
    }

    long notMeant() {
        return notMeant;
    }

    long unanswered() {
        return unanswered;
    }

    /** Whether there are candidates in partitions that do not rest. */
    boolean isAnyBusy() {
        return !busy.isEmpty();
    }

    /** Whether there are more candidates than a plan looks at one by one. */
    boolean isLarge() {
        return candidates > mostFiles;
    }

    /** All that is worth a rewrite, with what its deletes take. */
    Backlog wanted() {
        return total(chosen, true);
    }

    /** What would be worth a rewrite if its partition rested. */
    Backlog waiting() {
        return total(busy, false);
    }

    private Backlog total(StructLikeMap<Sum> sums, boolean withDeletes) {
        long files = 0;
        long bytes = 0;
        for (Sum sum : sums.values()) {
            if (isWorth(sum)) {
                files += sum.files;
                bytes += withDeletes ? sum.bytesToRead() : sum.bytes;
            }
        }
        return new Backlog(Math.toIntExact(files), bytes);
    }

    private boolean isWorth(Sum sum) {
        return sum.alone || (sum.files > 1 && sum.files >= minInputFiles);
    }

    /**
     * The places whose files are looked at one by one: those with the largest gain for each byte read, as many as one
     * plan takes; null if it takes all.
     *
     * @param maxBytes the byte cap
     */
    @Nullable
    StructLikeSet narrowed(Types.StructType partitions, long maxBytes) {
        if (!isLarge()) {
            return null;
        }
        StructLikeSet places = StructLikeSet.create(partitions);
        List<Map.Entry<StructLike, Sum>> worth = chosen.entrySet().stream()
                .filter(place -> isWorth(place.getValue()))
                .sorted(Comparator.comparingDouble((Map.Entry<StructLike, Sum> place) -> -gain(place.getValue()))
                        .thenComparing(place -> place.getKey().toString()))
                .toList();
        long files = 0;
        long bytes = 0;
        for (Map.Entry<StructLike, Sum> place : worth) {
            if (files >= mostFiles || bytes / CAPS >= maxBytes) {
                break;
            }
            files += place.getValue().files;
            bytes += Math.min(maxBytes, place.getValue().bytesToRead());
            places.add(place.getKey());
        }
        return places;
    }

    /**
     * Whether a manifest can hold a candidate of one of these places, by its location. It is also true of some others,
     * since places do not know their manifests one by one.
     */
    Predicate<String> manifestsOf(StructLikeSet places) {
        BitSet parts = new BitSet();
        places.forEach(place -> parts.or(BitSet.valueOf(Objects.requireNonNull(chosen.get(place)).manifests)));
        return manifest -> parts.get(part(manifest));
    }

    private static int part(String manifest) {
        return Math.floorMod(manifest.hashCode(), PARTS);
    }

    /** Files that go for each byte read. */
    private double gain(Sum sum) {
        return (sum.files - OutputSize.files(sum.bytes, target) + sum.deletes.size())
                / (double) Math.max(1, sum.bytesToRead());
    }
}
