package io.sink.compact;

import io.sink.compact.CompactPlan.Backlog;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.table.DeleteKey;
import io.sink.table.LiveDeletes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
 * <p>Holds the candidates in memory and nothing of the other files: about 1 KB for each file to rewrite, which the commit
 * needs as well.
 */
final class GroupPlanner {
    private final Support support;
    private final Footers read;

    /** @param read keeps the footers that are read, for the rewrite */
    GroupPlanner(Support support, Footers read) {
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
    PlanDecision plan(Table table, @Nullable Snapshot start, CompactPolicy policy) {
        if (start == null) {
            return new Stay(
                    Reason.NO_CURRENT_SNAPSHOT,
                    "branch " + policy.branch().value() + " of " + table.name() + " has no snapshot");
        }
        Optional<Stay> refused = Support.refuseTable(table);
        if (refused.isPresent()) {
            return refused.get();
        }
        int threshold = policy.minDataFiles().value();
        LiveDeletes.Scan live = LiveDeletes.scan(table, start, files -> files >= threshold);
        if (live.dataFiles() < threshold) {
            return new Stay(
                    Reason.BELOW_THRESHOLD,
                    live.dataFiles() + " live data files, fewer than min-data-files " + threshold);
        }
        Candidates candidates = new Candidates(table, start, policy, live.deletes());
        List<FileGroup> wanted = candidates.groups(Long.MAX_VALUE);
        if (wanted.isEmpty()) {
            return new Stay(
                    Reason.NOTHING_TO_REWRITE,
                    "no group among " + candidates.count + " candidates of " + live.dataFiles() + " live data files");
        }
        List<FileGroup> chosen = withinCap(policy, candidates, wanted);
        if (chosen.isEmpty()) {
            return new Stay(
                    Reason.ABOVE_BYTE_CAP,
                    "rewriting " + CompactPlan.files(wanted) + " files would read " + CompactPlan.bytes(wanted)
                            + " bytes, more than max-bytes " + policy.maxBytes().value());
        }
        Backlog backlog = new Backlog(
                CompactPlan.files(wanted) - CompactPlan.files(chosen),
                Math.max(0, CompactPlan.bytes(wanted) - CompactPlan.bytes(chosen)));
        FooterCheck footers = new FooterCheck(read);
        return support.refuseGroups(table, chosen, footers)
                .<PlanDecision>map(stay -> stay)
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
                        candidates.deletesKept(chosen)));
    }

    /**
     * The groups to rewrite, in the order of their numbers; none where the cap forbids it. What fits is one group for each
     * partition: several would each leave a remainder, and those would make a group of the next run.
     */
    private static List<FileGroup> withinCap(CompactPolicy policy, Candidates candidates, List<FileGroup> wanted) {
        long cap = policy.maxBytes().value();
        if (CompactPlan.bytes(wanted) <= cap) {
            return wanted;
        }
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
        /** Files that want a rewrite again after one: what is left of a partition's own group, and of the older specs. */
        private static final int FILES_LEFT = 2;

        private final Table table;
        private final CompactPolicy policy;
        private final LiveDeletes deletes;
        private final long target;
        private final StructLikeMap<List<FileScanTask>> byPartition;
        private final StructLike elsewhere;
        private final Set<DeleteKey> deletesOfOthers = new HashSet<>();
        private long count;

        Candidates(Table table, Snapshot start, CompactPolicy policy, LiveDeletes deletes) {
            this.table = table;
            this.policy = policy;
            this.deletes = deletes;
            this.target = targetFileSize(table, policy);
            this.byPartition = StructLikeMap.create(table.spec().partitionType());
            CandidateGroups rule = rule(Long.MAX_VALUE);
            // Files of an older spec are rewritten together, as Iceberg does: their rows can belong anywhere.
            this.elsewhere = GenericRecord.create(table.spec().partitionType());
            ExactTasks exact = new ExactTasks(table, deletes);
            try (var tasks = table.newScan()
                    .useSnapshot(start.snapshotId())
                    .ignoreResiduals()
                    .planFiles()) {
                for (FileScanTask scanned : tasks) {
                    FileScanTask task = exact.of(scanned);
                    if (rule.isCandidate(task)) {
                        count++;
                        StructLike partition =
                                task.file().specId() == table.spec().specId()
                                        ? task.file().partition()
                                        : elsewhere;
                        byPartition
                                .computeIfAbsent(partition, () -> new ArrayList<>())
                                .add(task);
                    } else {
                        keep(task.file(), deletesOfOthers);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /**
         * The groups worth a rewrite.
         *
         * <p>Where files of an older spec are spread over the partitions, each may get one more file. So the files of a
         * partition that are too few for a group of their own go along, or they would be enough for one in the next run.
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
            return rule(Math.max(1, room)).pack(tasks);
        }

        private boolean isOfOlderSpec(FileScanTask task) {
            return task.file().specId() != table.spec().specId();
        }

        /**
         * The delete files that apply to any data file outside of these groups. A file is no candidate for an equality
         * delete that its column bounds rule out, and foreign bounds can be wrong.
         */
        Set<DeleteKey> deletesKept(List<FileGroup> chosen) {
            Set<String> rewritten = new HashSet<>();
            chosen.forEach(group -> group.dataFiles().forEach(file -> rewritten.add(file.location())));
            Set<DeleteKey> kept = new HashSet<>(deletesOfOthers);
            byPartition.values().stream()
                    .flatMap(List::stream)
                    .filter(task -> !rewritten.contains(task.file().location()))
                    .forEach(task -> keep(task.file(), kept));
            return kept;
        }

        private void keep(DataFile file, Set<DeleteKey> kept) {
            deletes.of(file).forEach(delete -> kept.add(DeleteKey.of(delete)));
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
