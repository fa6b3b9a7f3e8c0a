package io.sink.compact;

import io.sink.compact.CompactPlan.Backlog;
import io.sink.compact.CompactPlan.Parted;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.FooterCheck;
import io.sink.rewrite.Footers;
import io.sink.rewrite.OutputSize;
import io.sink.rewrite.Refusal;
import io.sink.rewrite.Support;
import io.sink.rows.GroupInput;
import io.sink.table.DeleteKey;
import io.sink.table.LiveDeletes;
import io.sink.table.RepeatedPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.iceberg.util.StructLikeMap;
import org.apache.iceberg.util.StructLikeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a compaction of one branch rewrites: threshold, candidates, byte cap, support, in this order.
 *
 * <p>Holds the candidates in memory and nothing of the other files: about 1 KB for each file to rewrite, which the
 * commit needs as well. While it plans, it also holds a hash of the path of each live data file, to find those with
 * several entries.
 */
public final class GroupPlanner {
    private final Support support;
    private final Footers read;

    /** @param read keeps the footers that are read, for the rewrite */
    public GroupPlanner(Support support, Footers read) {
        this.support = support;
        this.read = read;
    }

    /**
     * The plan for the branch as of a snapshot. Reads manifests, position-delete files, and the footers of the files to
     * rewrite; writes nothing.
     *
     * @param start the branch's snapshot; null where the branch has none
     * @throws org.apache.iceberg.exceptions.ValidationException if Iceberg finds the snapshot's metadata inconsistent
     */
    public PlanDecision plan(Table table, @Nullable Snapshot start, CompactPolicy policy) {
        if (start == null) {
            return new Stay(
                    Reason.NO_CURRENT_SNAPSHOT,
                    "branch " + policy.branch().value() + " of " + table.name() + " has no snapshot");
        }
        Optional<Refusal> refused = Support.refuseTable(table);
        if (refused.isPresent()) {
            return new Stay(refused.get());
        }
        int threshold = policy.minDataFiles().value();
        RepeatedPaths repeated = new RepeatedPaths();
        LiveDeletes.Scan live = LiveDeletes.scan(table, start, files -> files >= threshold, repeated::add);
        if (live.dataFiles() < threshold) {
            return new Stay(
                    Reason.BELOW_THRESHOLD,
                    live.dataFiles() + " live data files, fewer than min-data-files " + threshold);
        }
        Candidates candidates = new Candidates(table, start, policy, live, repeated);
        List<FileGroup> wanted = candidates.whole(() -> candidates.groups(Long.MAX_VALUE));
        if (wanted.isEmpty()) {
            return new Stay(
                    Reason.NOTHING_TO_REWRITE,
                    "no group among " + candidates.count + " candidates of " + live.dataFiles() + " live data files"
                            + candidates.parted().describe());
        }
        List<FileGroup> chosen = CompactPlan.bytes(wanted) <= policy.maxBytes().value()
                ? wanted
                : candidates.whole(() -> withinCap(policy, candidates));
        if (chosen.isEmpty()) {
            return new Stay(
                    Reason.ABOVE_BYTE_CAP,
                    "rewriting " + CompactPlan.files(wanted) + " files would read " + CompactPlan.bytes(wanted)
                            + " bytes, more than max-bytes " + policy.maxBytes().value()
                            + candidates.parted().describe());
        }
        Backlog backlog = new Backlog(
                CompactPlan.files(wanted) - CompactPlan.files(chosen),
                Math.max(0, CompactPlan.bytes(wanted) - CompactPlan.bytes(chosen)));
        FooterCheck footers = new FooterCheck(read);
        return support.refuseGroups(table, chosen, footers)
                .<PlanDecision>map(Stay::new)
                .orElseGet(() -> new CompactPlan(
                        policy.branch().value(),
                        start.snapshotId(),
                        start.sequenceNumber(),
                        candidates.target,
                        table.sortOrder().isSorted() ? table.sortOrder().orderId() : 0,
                        live.dataFiles(),
                        candidates.count,
                        chosen.stream()
                                .map(group -> footers.decided(table, group))
                                .toList(),
                        footers.bloomFilters(table),
                        backlog,
                        candidates.deletesKept(chosen),
                        candidates.oldestKept(chosen),
                        candidates.parted()));
    }

    /**
     * The groups to rewrite, in the order of their numbers; none where the cap forbids it. What fits is one group for
     * each partition: several would each leave a remainder, and those would make a group of the next run.
     */
    private static List<FileGroup> withinCap(CompactPolicy policy, Candidates candidates) {
        long cap = policy.maxBytes().value();
        if (policy.whenAboveCap().value() == WhenAboveCap.SKIP) {
            return List.of();
        }
        List<FileGroup> chosen = new ArrayList<>();
        long left = cap;
        for (FileGroup group : candidates.groups(cap).stream().sorted(GAIN).toList()) {
            if (group.bytesToRead() <= left) {
                left -= group.bytesToRead();
                chosen.add(group);
            }
        }
        chosen.sort(Comparator.comparingInt(FileGroup::index));
        return chosen;
    }

    /** Most files and delete files taken away per byte first. */
    private static final Comparator<FileGroup> GAIN = Comparator.<FileGroup>comparingDouble(group ->
                    -(group.filesRemoved() + group.deletes().count()) / (double) Math.max(1, group.bytesToRead()))
            .thenComparingInt(FileGroup::index);

    /** Bytes of the files to write: the policy's, else the table's own property, else 512 MiB. */
    static long targetFileSize(Table table, CompactPolicy policy) {
        return policy.targetFileSizeBytes() != null
                ? policy.targetFileSizeBytes().value()
                : PropertyUtil.propertyAsLong(
                        table.properties(),
                        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
                        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
    }

    /** The files of a snapshot that want a rewrite, by the partition they are rewritten into. */
    private static final class Candidates {
        /**
         * Files that want a rewrite again after one: what is left of a partition's own group, and of the older specs.
         */
        private static final int FILES_LEFT = 2;

        /** So often groups are formed anew without the files that they part; then without all that could be parted. */
        private static final int MOST_ROUNDS = 8;

        private final Table table;
        private final CompactPolicy policy;
        private final LiveDeletes.Scan live;
        private final LiveDeletes deletes;
        private final long target;
        private final StructLikeMap<List<FileScanTask>> byPartition;
        private final StructLike elsewhere;
        private final Set<DeleteKey> deletesOfOthers = new HashSet<>();
        private final Snapshot start;
        private final Map<String, Repeated> repeated = new HashMap<>();
        private long count;
        private long oldestOther = Long.MAX_VALUE;
        private long filesParted;
        private @Nullable String onePartedFile;

        /**
         * A file with several live entries.
         *
         * @param manifests that hold them
         * @param age data sequence number of the youngest
         */
        private record Repeated(int entries, Set<String> manifests, long age) {
            static Repeated of(DataFile entry) {
                return new Repeated(1, Set.of(entry.manifestLocation()), entry.dataSequenceNumber());
            }

            Repeated and(Repeated other) {
                Set<String> all = new HashSet<>(manifests);
                all.addAll(other.manifests);
                return new Repeated(entries + other.entries, all, Math.max(age, other.age));
            }

            /**
             * Of the entries that it takes out of one manifest Iceberg counts the first alone, and refuses a rewrite
             * that adds more records than it counted.
             */
            boolean severalInOneManifest() {
                return manifests.size() < entries;
            }
        }

        Candidates(Table table, Snapshot start, CompactPolicy policy, LiveDeletes.Scan live, RepeatedPaths paths) {
            this.table = table;
            this.start = start;
            this.policy = policy;
            this.live = live;
            this.deletes = live.deletes();
            this.target = targetFileSize(table, policy);
            this.byPartition = StructLikeMap.create(table.spec().partitionType());
            CandidateGroups rule = rule(Long.MAX_VALUE);
            // Files of an older spec are rewritten together, as Iceberg does: their rows can belong anywhere.
            this.elsewhere = GenericRecord.create(table.spec().partitionType());
            boolean[] others = new boolean[1];
            scan(task -> {
                boolean alone = !paths.contains(task.file().location());
                if (rule.isCandidate(task)) {
                    add(task, alone);
                } else {
                    others[0] |= !alone;
                    keep(task.file());
                }
            });
            // Read once more where it is not known yet which of these have an entry that is a candidate.
            if (others[0] && !repeated.isEmpty()) {
                Set<String> wanted = Set.copyOf(repeated.keySet());
                scan(task -> {
                    if (wanted.contains(task.file().location()) && !rule.isCandidate(task)) {
                        add(task, false);
                    }
                });
            }
            leaveOut(repeated.keySet().stream()
                    .filter(path -> repeated(path).severalInOneManifest())
                    .collect(Collectors.toSet()));
        }

        private void scan(Consumer<FileScanTask> each) {
            ExactTasks exact = new ExactTasks(table, deletes);
            long files = 0;
            try (var tasks = table.newScan()
                    .useSnapshot(start.snapshotId())
                    .ignoreResiduals()
                    .planFiles()) {
                for (FileScanTask task : tasks) {
                    files++;
                    each.accept(exact.of(task));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            live.requireAll(start, files);
        }

        private void add(FileScanTask task, boolean alone) {
            count++;
            DataFile file = task.file();
            StructLike partition = file.specId() == table.spec().specId() ? file.partition() : elsewhere;
            byPartition.computeIfAbsent(partition, () -> new ArrayList<>()).add(task);
            if (!alone) {
                repeated.merge(file.location(), Repeated.of(file), Repeated::and);
            }
        }

        /** Oldest first, and all entries of a file at the place of the youngest, so that groups seldom part them. */
        private Comparator<FileScanTask> age() {
            return Comparator.<FileScanTask>comparingLong(task -> {
                        Repeated file = repeated.get(task.file().location());
                        return file == null ? task.file().dataSequenceNumber() : file.age();
                    })
                    .thenComparing(task -> task.file().location())
                    .thenComparing(CandidateGroups.AGE);
        }

        /**
         * Groups that hold all entries of a file or none: where they do not, the file is no candidate any more.
         *
         * @param choose chooses groups among the candidates that are left
         * @ref LLP 0021#all-or-none
         */
        List<FileGroup> whole(Supplier<List<FileGroup>> choose) {
            for (int round = 1; ; round++) {
                List<FileGroup> groups = choose.get();
                Set<String> parted = round < MOST_ROUNDS ? partedBy(groups) : Set.copyOf(repeated.keySet());
                if (parted.isEmpty()) {
                    return groups;
                }
                leaveOut(parted);
            }
        }

        private Set<String> partedBy(List<FileGroup> groups) {
            Map<String, Integer> chosen = new HashMap<>();
            groups.stream()
                    .flatMap(group -> group.dataFiles().stream())
                    .map(DataFile::location)
                    .filter(repeated::containsKey)
                    .forEach(path -> chosen.merge(path, 1, Integer::sum));
            chosen.entrySet()
                    .removeIf(entry ->
                            entry.getValue().equals(repeated(entry.getKey()).entries()));
            return chosen.keySet();
        }

        private Repeated repeated(String path) {
            return Objects.requireNonNull(repeated.get(path), path);
        }

        private void leaveOut(Set<String> paths) {
            if (paths.isEmpty()) {
                return;
            }
            List<String> several = paths.stream()
                    .filter(path -> repeated(path).entries() > 1)
                    .sorted()
                    .toList();
            filesParted += several.size();
            onePartedFile = onePartedFile == null && !several.isEmpty() ? several.get(0) : onePartedFile;
            byPartition
                    .values()
                    .forEach(tasks -> tasks.removeIf(task -> {
                        boolean left = paths.contains(task.file().location());
                        if (left) {
                            keep(task.file());
                        }
                        return left;
                    }));
            repeated.keySet().removeAll(Set.copyOf(paths));
        }

        /** Candidates that were left out, since not all entries of them could be rewritten. */
        Parted parted() {
            return new Parted(filesParted, onePartedFile);
        }

        /**
         * The groups worth a rewrite.
         *
         * <p>Where files of an older spec are spread over the partitions, each may get one more file. So the files of a
         * partition that are too few for a group of their own go along, or they would be enough for one in the next
         * run.
         *
         * @param cap bytes that no group should read more than
         */
        List<FileGroup> groups(long cap) {
            List<List<FileScanTask>> packed = new ArrayList<>();
            List<FileScanTask> anywhere = byPartition.getOrDefault(elsewhere, List.of());
            boolean scatters =
                    !pack(anywhere, cap).isEmpty() && anywhere.stream().anyMatch(this::isOfOlderSpec);
            List<FileScanTask> joined = new ArrayList<>(anywhere);
            for (List<FileScanTask> partition : byPartition.values()) {
                if (partition == anywhere) {
                    continue;
                }
                List<List<FileScanTask>> own = pack(partition, cap);
                if (scatters && (own.isEmpty() || policy.minInputFiles().value() <= FILES_LEFT)) {
                    joined.addAll(partition);
                } else {
                    packed.addAll(own);
                }
            }
            packed.addAll(pack(joined, cap));
            packed.sort(Comparator.comparing(tasks -> tasks.get(0), CandidateGroups.AGE));
            List<FileGroup> groups = new ArrayList<>();
            for (List<FileScanTask> tasks : packed) {
                groups.add(group(groups.size() + 1, tasks));
            }
            return groups;
        }

        private List<List<FileScanTask>> pack(List<FileScanTask> tasks, long cap) {
            // The packer weighs data only; leave room for the deletes, or a group of exactly the cap never fits.
            long room = Math.max(cap / 2, cap - FileGroup.deleteBytes(applied(tasks)));
            return rule(Math.max(1, room)).pack(tasks.stream().sorted(age()).toList());
        }

        private boolean isOfOlderSpec(FileScanTask task) {
            return task.file().specId() != table.spec().specId();
        }

        /**
         * The delete files that apply to any data file outside of these groups. A file is no candidate for an equality
         * delete that its column bounds rule out, and foreign bounds can be wrong.
         */
        Set<DeleteKey> deletesKept(List<FileGroup> chosen) {
            Set<DeleteKey> kept = new HashSet<>(deletesOfOthers);
            notIn(chosen).forEach(file -> deletes.of(file).forEach(delete -> kept.add(DeleteKey.of(delete))));
            return kept;
        }

        /** The lowest data sequence number that a live entry has after the rewrite of these groups. */
        long oldestKept(List<FileGroup> chosen) {
            return notIn(chosen)
                    .mapToLong(DataFile::dataSequenceNumber)
                    .reduce(Math.min(start.sequenceNumber(), oldestOther), Math::min);
        }

        private Stream<DataFile> notIn(List<FileGroup> chosen) {
            Set<String> rewritten = new HashSet<>();
            chosen.forEach(group -> group.dataFiles().forEach(file -> rewritten.add(file.location())));
            return byPartition.values().stream()
                    .flatMap(List::stream)
                    .map(FileScanTask::file)
                    .filter(file -> !rewritten.contains(file.location()));
        }

        /** For an entry that is not rewritten. */
        private void keep(DataFile file) {
            deletes.of(file).forEach(delete -> deletesOfOthers.add(DeleteKey.of(delete)));
            oldestOther = Math.min(oldestOther, file.dataSequenceNumber());
        }

        private CandidateGroups rule(long maxGroupSize) {
            return new CandidateGroups(table, target, policy.minInputFiles().value(), maxGroupSize);
        }

        private FileGroup group(int index, List<FileScanTask> tasks) {
            List<GroupInput> inputs = tasks.stream()
                    .map(task -> new GroupInput(task.file(), deletes.of(task.file())))
                    .toList();
            long bytes = tasks.stream().mapToLong(FileScanTask::length).sum();
            int specId = table.spec().specId();
            boolean repartition = tasks.stream().anyMatch(this::isOfOlderSpec) || partitions(tasks) > 1;
            return new FileGroup(index, specId, repartition, inputs, target, OutputSize.files(bytes, target));
        }

        private int partitions(List<FileScanTask> tasks) {
            StructLikeSet partitions = StructLikeSet.create(table.spec().partitionType());
            tasks.forEach(task -> partitions.add(task.file().partition()));
            return partitions.size();
        }

        private Collection<DeleteFile> applied(List<FileScanTask> tasks) {
            return tasks.stream()
                    .flatMap(task -> deletes.of(task.file()).stream())
                    .toList();
        }
    }
}
