package io.sink.compact;

import io.sink.rewrite.BloomFilters;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.GroupChecks;
import io.sink.rewrite.UnreadableGroup;
import io.sink.table.DeleteKey;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.jspecify.annotations.Nullable;

/**
 * The rewrite of one branch that a policy asks for: what a dry run prints is what a run executes.
 *
 * @param branch the branch to rewrite
 * @param startSnapshotId its snapshot when this was planned, to validate the commit from
 * @param startSequenceNumber that snapshot's sequence number, which the new files take
 * @param targetFileSizeBytes size of the files to write
 * @param sortOrderId the table's sort order, by which each group's output is sorted; 0 where the table has none
 * @param liveDataFiles data files that the branch holds, counted in its manifests
 * @param candidates data files outside the wanted sizes, or with deletes to apply, whether in a group or not
 * @param groups what is to be rewritten
 * @param bloomFilters which columns of the outputs have a bloom filter, and which lose theirs
 * @param backlog what the byte cap left for a later run
 * @param deletesKept delete files that also apply to data files which are not in any group
 * @param oldestKept lowest data sequence number of the live entries that are not rewritten and of the files to write
 * @param parted candidates that are not rewritten, since not all of their entries could be
 * @param leftOut candidates that are not rewritten for their partition's sake
 * @param unreadable groups that stay as they are, because a file of each cannot be rewritten
 */
public record CompactPlan(
        String branch,
        long startSnapshotId,
        long startSequenceNumber,
        long targetFileSizeBytes,
        int sortOrderId,
        long liveDataFiles,
        long candidates,
        List<FileGroup> groups,
        BloomFilters bloomFilters,
        Backlog backlog,
        Set<DeleteKey> deletesKept,
        long oldestKept,
        Parted parted,
        Selection.LeftOut leftOut,
        List<UnreadableGroup> unreadable)
        implements PlanDecision, Serializable {
    public CompactPlan {
        groups = List.copyOf(groups);
        deletesKept = Set.copyOf(deletesKept);
        unreadable = List.copyOf(unreadable);
    }

    /**
     * The same plan without some of its groups, and without those that hold other entries of their files: of a file all
     * entries are rewritten or none.
     */
    CompactPlan without(List<UnreadableGroup> left) {
        return without(left.stream().map(UnreadableGroup::index).collect(Collectors.toSet()), left, false);
    }

    /**
     * The same plan with those of its groups that fit under a cap, those with the most gain first; the others are
     * backlog.
     */
    CompactPlan within(long bytes) {
        Set<Integer> gone = new HashSet<>();
        long left = bytes;
        for (FileGroup group : groups.stream().sorted(GroupPlanner.GAIN).toList()) {
            if (group.bytesToRead() <= left) {
                left -= group.bytesToRead();
            } else {
                gone.add(group.index());
            }
        }
        return without(gone, List.of(), true);
    }

    /** @param wait whether what goes is backlog */
    private CompactPlan without(Set<Integer> left, List<UnreadableGroup> more, boolean wait) {
        Set<Integer> gone = new HashSet<>(left);
        Set<String> paths = new HashSet<>();
        boolean others = true;
        while (others) {
            groups.stream()
                    .filter(group -> gone.contains(group.index()))
                    .flatMap(group -> group.dataFiles().stream())
                    .forEach(file -> paths.add(file.location()));
            others = groups.stream()
                            .filter(group ->
                                    group.dataFiles().stream().anyMatch(file -> paths.contains(file.location())))
                            .filter(group -> gone.add(group.index()))
                            .count()
                    > 0;
        }
        List<FileGroup> dropped =
                groups.stream().filter(group -> gone.contains(group.index())).toList();
        Set<DeleteKey> kept = new HashSet<>(deletesKept);
        dropped.stream().flatMap(FileGroup::deletes).map(DeleteKey::of).forEach(kept::add);
        return new CompactPlan(
                branch,
                startSnapshotId,
                startSequenceNumber,
                targetFileSizeBytes,
                sortOrderId,
                liveDataFiles,
                candidates,
                groups.stream().filter(group -> !gone.contains(group.index())).toList(),
                bloomFilters,
                wait ? new Backlog(backlog.files() + files(dropped), backlog.bytes() + bytes(dropped)) : backlog,
                kept,
                Math.min(oldestKept, oldest(dropped)),
                parted,
                leftOut,
                Stream.concat(unreadable.stream(), more.stream()).toList());
    }

    /**
     * The same plan with what was found at some of its groups, and without those that cannot be read.
     *
     * @param all the bloom filters of all groups that were looked at
     */
    CompactPlan seen(List<GroupChecks.Checked> found, BloomFilters all) {
        Map<Integer, FileGroup> known = new HashMap<>();
        List<UnreadableGroup> left = new ArrayList<>();
        for (GroupChecks.Checked one : found) {
            known.put(one.group().index(), one.group());
            if (one.unreadable() != null) {
                left.add(one.unreadable());
            }
        }
        return decided(group -> known.getOrDefault(group.index(), group), all).without(left);
    }

    /** The same plan with each group as {@code decide} returns it. */
    CompactPlan decided(UnaryOperator<FileGroup> decide, BloomFilters filters) {
        return new CompactPlan(
                branch,
                startSnapshotId,
                startSequenceNumber,
                targetFileSizeBytes,
                sortOrderId,
                liveDataFiles,
                candidates,
                groups.stream().map(decide).toList(),
                filters,
                backlog,
                deletesKept,
                oldestKept,
                parted,
                leftOut,
                unreadable);
    }

    /** Text for the end of a sentence; empty if every group can be rewritten. */
    String describeUnreadable() {
        if (unreadable.isEmpty()) {
            return "";
        }
        String shown = unreadable.stream()
                .limit(SHOWN)
                .map(group -> "%s: %s".formatted(group.reason().code(), group.detail()))
                .collect(Collectors.joining("; "));
        return "; %s as %s: %s%s"
                .formatted(
                        unreadable.size() == 1 ? "1 group stays" : unreadable.size() + " groups stay",
                        unreadable.size() == 1 ? "it is" : "they are",
                        shown,
                        unreadable.size() > SHOWN ? "; and " + (unreadable.size() - SHOWN) + " more" : "");
    }

    private static long oldest(List<FileGroup> groups) {
        return groups.stream()
                .flatMap(group -> group.dataFiles().stream())
                .mapToLong(DataFile::dataSequenceNumber)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** How many groups a sentence names. */
    private static final int SHOWN = 5;

    /** Data files that wanted a rewrite and did not fit under the byte cap, and the bytes that it would read. */
    record Backlog(int files, long bytes) implements Serializable {}

    /**
     * Data files that stay as they are because they have several live entries that cannot be rewritten together:
     * several are in one manifest, or one is in no group.
     *
     * @param one of them; null where there are none
     */
    record Parted(long files, @Nullable String one) implements Serializable {

        /** Text for the end of a sentence; empty if there are none. */
        String describe() {
            return files == 0
                    ? ""
                    : "; %s several live entries that cannot be rewritten together, so that none of them is: %s"
                            .formatted(files == 1 ? "1 data file has" : files + " data files have", one);
        }
    }

    /** Data files that these groups hold. */
    static int files(List<FileGroup> groups) {
        return groups.stream().mapToInt(group -> group.inputs().size()).sum();
    }

    /** Bytes that a rewrite of these groups reads; a delete file that several groups need counts once for each. */
    static long bytes(List<FileGroup> groups) {
        return groups.stream().mapToLong(FileGroup::bytesToRead).sum();
    }

    /** Data files that the groups hold. */
    int inputFiles() {
        return files(groups);
    }

    /** Files that the groups are expected to leave. */
    int expectedOutputs() {
        return groups.stream().mapToInt(FileGroup::expectedOutputs).sum();
    }

    /** Bytes that the rewrite reads. */
    long bytesToRead() {
        return bytes(groups);
    }

    /** Delete files and deletion vectors that the rewrite applies, each once. */
    long deletesToApply() {
        return groups.stream()
                .flatMap(FileGroup::deletes)
                .map(DeleteKey::of)
                .distinct()
                .count();
    }

    /** Whether the outputs come sorted by the table's sort order. */
    boolean sorted() {
        return sortOrderId > 0;
    }
}
