package io.sink.compact;

import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.table.DataEntries;
import io.sink.table.LiveDeletes;
import io.sink.table.PartitionFilter;
import io.sink.table.RepeatedPaths;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.StructLikeSet;
import org.jspecify.annotations.Nullable;

/**
 * The first look at all data files of a snapshot, which keeps none of them: what each place has to rewrite, and which
 * files have several entries.
 *
 * @ref LLP 0031#sums
 */
final class FirstLook {
    private final RepeatedPaths repeated = new RepeatedPaths();
    private final Map<String, Long> entries = new ConcurrentHashMap<>();
    private final PlaceSums sums;
    private final Places places;
    private final CandidateGroups rule;
    private final ExactTasks exact;
    private final Set<String> passed;
    private final @Nullable Selection selection;
    private final @Nullable Stay refusal;

    /**
     * @param now the start of the run
     * @param mostFiles that the plan looks at one by one
     * @param passed data files that are no candidates, whatever is to be said of them
     * @throws RuntimeException if the recent changes cannot be read
     */
    FirstLook(Table table, Snapshot start, CompactPolicy policy, Instant now, int mostFiles, Set<String> passed) {
        this.passed = passed;
        int minInputFiles = policy.minInputFiles().value();
        long target = GroupPlanner.targetFileSize(table, policy);
        this.sums = new PlaceSums(table.spec().partitionType(), minInputFiles, target, mostFiles);
        this.places = new Places(table);
        this.rule = new CandidateGroups(table, target, minInputFiles, Long.MAX_VALUE);
        this.exact = new ExactTasks(table);
        Selection made = null;
        Stay refused = null;
        try {
            made = Selection.of(table, start, policy.partitions(), now);
            refused = made.refusal().orElse(null);
        } catch (PartitionFilter.UnansweredException e) {
            refused = new Stay(Reason.WHERE_UNANSWERED, String.valueOf(e.getMessage()));
        }
        this.selection = made;
        this.refusal = refused;
    }

    /**
     * The manifests that a second look has to read.
     *
     * @param files the number of live entries that they have
     */
    record Reading(Predicate<ManifestFile> which, long files) {}

    /** Counts the data files of a manifest. Any thread may ask. */
    DataEntries.Part of(ManifestFile manifest, LiveDeletes deletes) {
        return new DataEntries.Part() {
            private final RepeatedPaths.Part paths = repeated.part();
            private final PlaceSums.Part part = part();
            private long files;

            @Override
            public void at(DataFile entry) {
                files++;
                paths.add(entry.location());
                if (!deletes.byValues()) {
                    count(exact.of(entry, deletes), part);
                }
            }

            @Override
            public void end() {
                paths.end();
                part.end();
                entries.put(manifest.path(), files);
            }
        };
    }

    /**
     * Counts all data files of a snapshot in which rows are deleted by their values: for these Iceberg's own scan is
     * asked, which compares bounds.
     */
    void again(Table table, Snapshot start, LiveDeletes.Scan live, Runnable safePoint) {
        if (live.deletes().byValues()) {
            PlaceSums.Part part = part();
            live.requireAll(
                    start,
                    Candidates.scan(
                            table, start, manifest -> true, live.deletes(), safePoint, task -> count(task, part)));
            part.end();
        }
    }

    private void count(FileScanTask task, PlaceSums.Part part) {
        if (selection == null || passed.contains(task.file().location()) || !rule.isCandidate(task)) {
            return;
        }
        part.add(new PlaceSums.Candidate(places.of(task.file()), task, rule.isWorthAlone(task)));
    }

    private PlaceSums.Part part() {
        return sums.part(file -> selection().of(file));
    }

    /**
     * What has to be read to know the candidates of these places, and of what is not rewritten all that a commit has to
     * know: where there are neither deletes nor files with several entries, that is the sequence numbers alone.
     *
     * @param places those that are looked at file by file; null for all
     */
    Reading reading(@Nullable StructLikeSet places, LiveDeletes.Scan live) {
        if (places == null || !live.deletes().isEmpty() || !repeated.isEmpty()) {
            return new Reading(manifest -> true, live.dataFiles());
        }
        Predicate<String> known = sums.manifestsOf(places);
        long files = entries.entrySet().stream()
                .filter(manifest -> known.test(manifest.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        return new Reading(manifest -> known.test(manifest.path()), files);
    }

    /** Why nothing can be chosen, if so. */
    Optional<Stay> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Which files may be rewritten; only where there is no {@link #refusal}. */
    Selection selection() {
        return Objects.requireNonNull(selection);
    }

    PlaceSums sums() {
        return sums;
    }

    RepeatedPaths repeated() {
        return repeated;
    }
}
