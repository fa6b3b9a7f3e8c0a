package io.sink.compact;

import io.sink.compact.CompactPlan.Parted;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.OutputSize;
import io.sink.rows.GroupInput;
import io.sink.table.DataEntries;
import io.sink.table.DeleteKey;
import io.sink.table.LiveDeletes;
import io.sink.table.Manifests;
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
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.StructLikeMap;
import org.apache.iceberg.util.StructLikeSet;
import org.jspecify.annotations.Nullable;

/** The candidates of a snapshot, which are data files to rewrite, by the partition that they are rewritten into. */
final class Candidates {
    /**
     * Files of a partition that can be candidates again after a rewrite: the remainder of its own group, and that of
     * the older specs.
     */
    private static final int FILES_LEFT = 2;

    /** About how many target files a slice of a group makes. */
    private static final int FILES_OF_SLICE = 4;

    /**
     * How often groups are formed again without the files that they part; after that, without all that could be parted.
     */
    private static final int MOST_ROUNDS = 8;

    private static final int SAFE_POINT_EVERY = 10_000;

    private final Table table;
    private final CompactPolicy policy;
    private final LiveDeletes.Scan live;
    private final long target;
    private final StructLikeMap<List<FileScanTask>> byPartition;
    private final Scope scope;
    private final Places places;
    private final Set<DeleteKey> deletesOfOthers = new HashSet<>();
    private final Snapshot start;
    private final Map<String, Repeated> repeated = new HashMap<>();
    private long count;
    private long oldestOther = Long.MAX_VALUE;
    private long filesParted;
    private @Nullable String onePartedFile;

    /**
     * Which files are looked at one by one.
     *
     * @param selection which of them may be rewritten
     * @param chosen the places whose files are candidates; null for all
     * @param reading which manifests are read
     * @param mostFiles of a place that are candidates, the oldest ones
     * @param passed files that are no candidates
     * @param safePoint called now and then by any thread; what it throws ends the look
     */
    record Scope(
            Selection selection,
            @Nullable StructLikeSet chosen,
            FirstLook.Reading reading,
            int mostFiles,
            Set<String> passed,
            Runnable safePoint) {}

    /**
     * A file with several live entries.
     *
     * @param entries how many there are
     * @param manifests the manifests that hold them
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
         * Iceberg counts only the first of the entries of a file that it takes out of one manifest, and refuses a
         * rewrite that adds more records than it counted.
         */
        boolean severalInOneManifest() {
            return manifests.size() < entries;
        }
    }

    /**
     * @param paths knows which files have several entries
     * @param scope which files are looked at
     */
    Candidates(
            Table table,
            Snapshot start,
            CompactPolicy policy,
            LiveDeletes.Scan live,
            RepeatedPaths paths,
            Scope scope) {
        this.scope = scope;
        this.table = table;
        this.start = start;
        this.policy = policy;
        this.live = live;
        this.target = GroupPlanner.targetFileSize(table, policy);
        this.byPartition = StructLikeMap.create(table.spec().partitionType());
        CandidateGroups rule = rule(Long.MAX_VALUE);
        Manifests.of(table, start, ManifestContent.DATA).stream()
                .filter(manifest -> !scope.reading().which().test(manifest))
                .forEach(manifest -> oldestOther = Math.min(oldestOther, manifest.minSequenceNumber()));
        this.places = new Places(table);
        boolean[] others = new boolean[1];
        scan(task -> {
            boolean candidate = rule.isCandidate(task);
            synchronized (this) {
                boolean alone = !paths.contains(task.file().location());
                if (candidate && isChosen(task.file())) {
                    add(task, alone);
                } else {
                    others[0] |= !alone;
                    keep(task.file());
                }
            }
        });
        // Scans once more for entries that are no candidates themselves, but whose file has another entry that is one.
        if (others[0] && !repeated.isEmpty()) {
            Set<String> wanted = Set.copyOf(repeated.keySet());
            Set<String> outside = new HashSet<>();
            scan(task -> {
                String path = task.file().location();
                if (!wanted.contains(path)) {
                    return;
                }
                boolean candidate = rule.isCandidate(task);
                synchronized (this) {
                    if (!isChosen(task.file())) {
                        outside.add(path);
                        repeated.merge(path, Repeated.of(task.file()), Repeated::and);
                    } else if (!candidate) {
                        add(task, false);
                    }
                }
            });
            leaveOut(outside);
        }
        leaveOut(repeated.keySet().stream()
                .filter(path -> repeated(path).severalInOneManifest())
                .collect(Collectors.toSet()));
        byPartition.values().forEach(this::keepOldest);
    }

    private boolean isChosen(DataFile file) {
        return !scope.passed().contains(file.location())
                && scope.selection().of(file) == Selection.Choice.CHOSEN
                && (scope.chosen() == null || scope.chosen().contains(places.of(file)));
    }

    /** Of a place with more files than one plan takes the oldest, which are the first to be in a group. */
    private void keepOldest(List<FileScanTask> tasks) {
        if (tasks.size() > scope.mostFiles()) {
            tasks.sort(CandidateGroups.AGE);
            List<FileScanTask> others = tasks.subList(scope.mostFiles(), tasks.size());
            others.forEach(task -> keep(task.file()));
            others.clear();
        }
    }

    /** How many candidates there are. */
    long count() {
        return count;
    }

    /** The target size in bytes of the files to write. */
    long target() {
        return target;
    }

    private void scan(Consumer<FileScanTask> each) {
        FirstLook.Reading reading = scope.reading();
        long scanned = scan(table, start, reading.which(), live.deletes(), scope.safePoint(), each);
        new LiveDeletes.Scan(reading.files(), live.deletes()).requireAll(start, scanned);
    }

    /**
     * Passes a task for each live entry to {@code each}, which several threads may call at once; returns how many there
     * are.
     *
     * @param which manifests; where rows are deleted by their values, all are read
     * @param safePoint called now and then by any thread; what it throws ends the scan
     */
    static long scan(
            Table table,
            Snapshot start,
            Predicate<ManifestFile> which,
            LiveDeletes deletes,
            Runnable safePoint,
            Consumer<FileScanTask> each) {
        ExactTasks exact = new ExactTasks(table);
        if (!deletes.byValues()) {
            return DataEntries.each(table, start, which, safePoint, file -> {
                deletes.requireClear(file);
                each.accept(exact.of(file, deletes));
            });
        }
        long files = 0;
        try (var tasks = table.newScan()
                .useSnapshot(start.snapshotId())
                .ignoreResiduals()
                .planFiles()) {
            for (FileScanTask task : tasks) {
                if (++files % SAFE_POINT_EVERY == 0) {
                    safePoint.run();
                }
                each.accept(exact.of(task, deletes));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private void add(FileScanTask task, boolean alone) {
        count++;
        DataFile file = task.file();
        List<FileScanTask> here = byPartition.computeIfAbsent(places.of(file), () -> new ArrayList<>());
        here.add(task);
        if (here.size() / 2 >= scope.mostFiles()) {
            // Not one by one: each time all are sorted.
            keepOldest(here);
        }
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
     * Groups that hold all entries of a file or none: otherwise the file is no candidate any more.
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

    /** Candidates that were left out, since not all of their entries could be rewritten. */
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
        List<FileScanTask> anywhere = byPartition.getOrDefault(places.elsewhere(), List.of());
        boolean scatters = !pack(anywhere, cap).isEmpty() && anywhere.stream().anyMatch(this::isOfOlderSpec);
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
            for (List<FileScanTask> slice : slices(tasks)) {
                groups.add(group(groups.size() + 1, slice));
            }
        }
        return groups;
    }

    /**
     * Splits a group into parts that are rewritten separately, in its order and of about {@link #FILES_OF_SLICE} target
     * files each. A group that is sorted or partitioned anew stays whole: its rows belong together.
     */
    private List<List<FileScanTask>> slices(List<FileScanTask> tasks) {
        long bytes = tasks.stream().mapToLong(FileScanTask::length).sum();
        int slices = Math.max(1, Math.round((float) OutputSize.files(bytes, target) / FILES_OF_SLICE));
        if (slices == 1 || table.sortOrder().isSorted() || repartitions(tasks)) {
            return List.of(tasks);
        }
        List<List<FileScanTask>> parts = new ArrayList<>();
        List<FileScanTask> open = new ArrayList<>();
        long before = 0;
        for (FileScanTask task : tasks) {
            // Cut where the next file's middle lies beyond the end of the slice.
            if (!open.isEmpty() && before + task.length() / 2 > (double) bytes * (parts.size() + 1) / slices) {
                parts.add(open);
                open = new ArrayList<>();
            }
            open.add(task);
            before += task.length();
        }
        parts.add(open);
        return parts;
    }

    /** Whether rows can move to other partitions. */
    private boolean repartitions(List<FileScanTask> tasks) {
        return tasks.stream().anyMatch(this::isOfOlderSpec) || partitions(tasks) > 1;
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
     * The delete files that apply to any data file outside of these groups. An equality delete that a file's column
     * bounds rule out does not make the file a candidate, but bounds of other writers can be wrong.
     */
    Set<DeleteKey> deletesKept(List<FileGroup> chosen) {
        Set<DeleteKey> kept = new HashSet<>(deletesOfOthers);
        notIn(chosen).forEach(file -> live.deletes().of(file).forEach(delete -> kept.add(DeleteKey.of(delete))));
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

    /** Notes an entry that is not rewritten. */
    private void keep(DataFile file) {
        live.deletes().of(file).forEach(delete -> deletesOfOthers.add(DeleteKey.of(delete)));
        oldestOther = Math.min(oldestOther, file.dataSequenceNumber());
    }

    private CandidateGroups rule(long maxGroupSize) {
        return new CandidateGroups(table, target, policy.minInputFiles().value(), maxGroupSize);
    }

    private FileGroup group(int index, List<FileScanTask> tasks) {
        List<GroupInput> inputs = tasks.stream()
                .map(task -> new GroupInput(task.file(), live.deletes().of(task.file())))
                .toList();
        long bytes = tasks.stream().mapToLong(FileScanTask::length).sum();
        int specId = table.spec().specId();
        return new FileGroup(index, specId, repartitions(tasks), inputs, target, OutputSize.files(bytes, target));
    }

    private int partitions(List<FileScanTask> tasks) {
        StructLikeSet partitions = StructLikeSet.create(table.spec().partitionType());
        tasks.forEach(task -> partitions.add(task.file().partition()));
        return partitions.size();
    }

    private Collection<DeleteFile> applied(List<FileScanTask> tasks) {
        return tasks.stream()
                .flatMap(task -> live.deletes().of(task.file()).stream())
                .toList();
    }
}
