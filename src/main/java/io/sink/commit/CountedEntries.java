package io.sink.commit;

import io.sink.table.Ancestry;
import io.sink.table.DeleteKey;
import io.sink.table.FileEntries.Facts;
import io.sink.table.FileEntries.Sum;
import io.sink.table.Manifests;
import io.sink.table.Parallel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a snapshot that is not committed yet does to the entries of its branch, in the manifests that were
 * written for it, and compares that with what it is meant to do.
 *
 * <p>The snapshot's own summary cannot prove this: its producer leaves out entries whose path it has met before.
 * Manifests that both snapshots name are not read; each other manifest is read once, however often it is asked about.
 *
 * @ref LLP 0021#counted
 */
public final class CountedEntries {
    private static final String DUPLICATES = "deleted-duplicate-files";

    private final FileIO io;
    private final Intent intent;
    private final Set<String> dataOut = new HashSet<>();
    private final Set<DeleteKey> deletesOut = new HashSet<>();
    private final Set<String> dataIn = new HashSet<>();
    private final Sum out;
    private final Sum in;
    private final Map<String, Tally> tallies = new ConcurrentHashMap<>();
    private final Map<String, WrittenEntries> written = new ConcurrentHashMap<>();
    private long oldestKept;
    private @Nullable String listRead;
    private List<ManifestFile> listed = List.of();

    /**
     * What a snapshot is to do to one branch.
     *
     * @param branch the branch
     * @param plannedOn the snapshot of the branch from which {@code out} was read
     * @param out each live entry that is taken out, as its manifest names it; column statistics are not looked at
     * @param freed delete files that no row needs any more: any entry of them may go, and none has to
     * @param oldestKept lowest data sequence number of an entry that stays or comes; delete files that are older may go
     * @param in the data files that come, each once
     * @param sequenceOfIn their data sequence number
     */
    public record Intent(
            String branch,
            long plannedOn,
            Collection<? extends ContentFile<?>> out,
            Set<DeleteKey> freed,
            long oldestKept,
            Collection<DataFile> in,
            long sequenceOfIn) {

        /** To take out these entries, and nothing else. */
        public static Intent taking(String branch, long plannedOn, Collection<? extends ContentFile<?>> out) {
            return new Intent(branch, plannedOn, out, Set.of(), Long.MIN_VALUE, List.of(), 0);
        }
    }

    /** The live entries of one manifest, added up by what is to become of them. */
    private record Tally(Entries entries, long sameAgain, long sameAgainLoose) {}

    /**
     * Live entries by what is to become of them.
     *
     * @param kept what has to stay, and {@code keptIds} the same with first row ids
     * @param withoutIds entries of {@code kept} that have no first row id
     * @param out what the intent takes out
     * @param in what it brings
     * @param badIn entries of its files that do not have the sequence number that they must have
     * @param loose delete files that may go or stay, entry by entry
     */
    private record Entries(
            Sum kept, Sum keptIds, long withoutIds, Sum out, Sum in, long badIn, Map<Sum, Integer> loose) {
        static final Entries NONE = new Entries(Sum.NONE, Sum.NONE, 0, Sum.NONE, Sum.NONE, 0, Map.of());

        Entries plus(Entries other) {
            Map<Sum, Integer> all = new HashMap<>(loose);
            other.loose.forEach((entry, count) -> all.merge(entry, count, Integer::sum));
            return new Entries(
                    kept.plus(other.kept),
                    keptIds.plus(other.keptIds),
                    withoutIds + other.withoutIds,
                    out.plus(other.out),
                    in.plus(other.in),
                    badIn + other.badIn,
                    all);
        }

        /** Entries, and the records that they hold. */
        WrittenEntries.Count count() {
            long entries = kept.entries() + out.entries() + in.entries();
            long records = kept.records() + out.records() + in.records();
            for (Map.Entry<Sum, Integer> entry : loose.entrySet()) {
                entries += entry.getValue();
                records += entry.getKey().records() * entry.getValue();
            }
            return new WrittenEntries.Count(entries, records);
        }
    }

    /** @param intent what the commit is meant to do */
    public CountedEntries(FileIO io, Intent intent) {
        this.io = io;
        this.intent = intent;
        this.oldestKept = intent.oldestKept();
        Sum taken = Sum.NONE;
        for (ContentFile<?> file : intent.out()) {
            if (file instanceof DeleteFile delete) {
                deletesOut.add(DeleteKey.of(delete));
            } else {
                dataOut.add(file.location());
            }
            taken = taken.plus(Sum.of(file, Facts.BUT_STATISTICS));
        }
        Sum brought = Sum.NONE;
        for (DataFile file : intent.in()) {
            dataIn.add(file.location());
            brought = brought.plus(Sum.of(file, Facts.OF_NEW_FILE));
        }
        this.out = taken;
        this.in = brought;
    }

    /**
     * What the snapshot does differently from what it is meant to do, or null.
     *
     * @param base the metadata that it builds on
     * @throws ValidationException if others changed the entries that are to be taken out
     * @throws RuntimeException if a list or a manifest cannot be read
     */
    public @Nullable String difference(TableMetadata base, Snapshot next) {
        SnapshotRef ref = base.ref(intent.branch());
        Snapshot head = ref == null ? null : base.snapshot(ref.snapshotId());
        if (head == null) {
            throw new ValidationException("branch %s is gone", intent.branch());
        }
        List<ManifestFile> before = before(base, head);
        List<ManifestFile> after = read(next);
        List<ManifestFile> gone = beyond(after, before);
        List<ManifestFile> come = beyond(before, after);
        String shared = changedInList(before, after);
        if (shared != null) {
            return shared;
        }
        for (ManifestFile manifest : come) {
            if (!Objects.equals(manifest.snapshotId(), next.snapshotId())) {
                return "manifest %s is new and of snapshot %s".formatted(manifest.path(), manifest.snapshotId());
            }
        }
        long oldest = head.snapshotId() == intent.plannedOn() ? intent.oldestKept() : oldestOf(after);
        if (oldest != oldestKept) {
            oldestKept = oldest;
            tallies.clear();
        }
        tally(gone, base.specsById());
        tally(come, base.specsById());
        countWritten(come);
        Entries old = sum(gone);
        Entries now = sum(come);
        if (!old.out().equals(now.out().plus(out))) {
            String what =
                    "the commit was to take out %s; the old manifests held %s of these files, and the new ones hold %s"
                            .formatted(out, old.out(), now.out());
            if (head.snapshotId() != intent.plannedOn()) {
                throw new ValidationException("%s", what);
            }
            return what;
        }
        String live = liveDiffers(old, now);
        return live != null ? live : marksDiffer(gone, come, old, now, next);
    }

    /**
     * Other writers may have removed the oldest data files since the plan: then delete files that are older than all
     * that are left may go, and a producer leaves them out.
     */
    private long oldestOf(List<ManifestFile> after) {
        long oldest = after.stream()
                .filter(manifest -> manifest.content() == ManifestContent.DATA)
                .mapToLong(ManifestFile::minSequenceNumber)
                .min()
                .orElse(Long.MIN_VALUE);
        return Math.max(oldest, intent.oldestKept());
    }

    /**
     * Compares entry for entry: what was live before, less what is taken out, plus what is added, must be live after.
     * Returns the difference, or null.
     */
    private @Nullable String liveDiffers(Entries old, Entries now) {
        if (!old.kept().equals(now.kept())) {
            return "the commit was to keep %s, and the new manifests hold %s".formatted(old.kept(), now.kept());
        }
        // A commit gives first row ids to files that have none, and to no others.
        if (old.withoutIds() == 0 && !old.keptIds().equals(now.keptIds())) {
            return "first row ids of entries that are kept differ: %s and %s".formatted(old.keptIds(), now.keptIds());
        }
        if (!old.in().equals(Sum.NONE) || !now.in().equals(in) || now.badIn() > 0) {
            return ("the commit was to add %s; the new manifests hold %s, %d of them with another data sequence number"
                            + " than %d")
                    .formatted(in, now.in(), now.badIn(), intent.sequenceOfIn());
        }
        return now.loose().entrySet().stream()
                .filter(entry -> entry.getValue() > old.loose().getOrDefault(entry.getKey(), 0))
                .findFirst()
                .map(entry -> "a delete file came that was not there: " + entry.getKey())
                .orElse(null);
    }

    /** What the written manifests call deleted, added and existing, and what the summary calls duplicates. */
    private @Nullable String marksDiffer(
            List<ManifestFile> gone, List<ManifestFile> come, Entries old, Entries now, Snapshot next) {
        WrittenEntries marks = come.stream()
                .map(manifest -> Objects.requireNonNull(written.get(manifest.path())))
                .reduce(WrittenEntries.NONE, WrittenEntries::plus);
        if (marks.foreign() != null) {
            return marks.foreign();
        }
        WrittenEntries.Count added = new WrittenEntries.Count(in.entries(), in.records());
        WrittenEntries.Count kept = now.count().less(added);
        WrittenEntries.Count deleted = old.count().less(kept);
        if (!marks.deleted().equals(deleted)
                || !marks.added().equals(added)
                || !marks.existing().equals(kept)) {
            return "the written manifests mark %s deleted, %s added and %s kept; it should be %s, %s and %s"
                    .formatted(marks.deleted(), marks.added(), marks.existing(), deleted, added, kept);
        }
        long least = gone.stream()
                .mapToLong(manifest -> tallyOf(manifest).sameAgain())
                .sum();
        long loose = gone.stream()
                .mapToLong(manifest -> tallyOf(manifest).sameAgainLoose())
                .sum();
        long said = Long.parseLong(next.summary().getOrDefault(DUPLICATES, "0"));
        // Where a loose delete file stayed, its manifest was merged and not filtered, and nothing was counted there.
        long lowest = now.loose().isEmpty() ? least + loose : least;
        return said >= lowest && said <= least + loose
                ? null
                : "the summary says %s=%d, and the plan knew of %d".formatted(DUPLICATES, said, least + loose);
    }

    /**
     * Reads the list to its end: a list that was cut off would look as if others had removed what it lacks.
     *
     * @ref LLP 0020#one-place
     */
    private List<ManifestFile> before(TableMetadata base, Snapshot head) {
        if (!head.manifestListLocation().equals(listRead)) {
            List<ManifestFile> manifests = new ArrayList<>();
            Manifests.of(Ancestry.of(base), head, io, manifests::add);
            listed = manifests;
            listRead = head.manifestListLocation();
        }
        return listed;
    }

    private List<ManifestFile> read(Snapshot snapshot) {
        List<ManifestFile> manifests = new ArrayList<>();
        Manifests.counted(snapshot, io, manifests::add);
        return manifests;
    }

    /** The manifests asked about that are not known; a list may name a manifest more than once. */
    private static List<ManifestFile> beyond(List<ManifestFile> known, List<ManifestFile> asked) {
        Map<String, Integer> left = new HashMap<>();
        known.forEach(manifest -> left.merge(manifest.path(), 1, Integer::sum));
        return asked.stream()
                .filter(manifest -> left.merge(manifest.path(), -1, Integer::sum) < 0)
                .toList();
    }

    /** Entries inherit numbers from the list, so a manifest that stays must be listed as before. */
    private static @Nullable String changedInList(List<ManifestFile> before, List<ManifestFile> after) {
        Map<String, ManifestFile> old = new HashMap<>();
        before.forEach(manifest -> old.put(manifest.path(), manifest));
        for (ManifestFile now : after) {
            ManifestFile was = old.get(now.path());
            boolean same = was == null
                    || was.content() == now.content()
                            && was.length() == now.length()
                            && was.partitionSpecId() == now.partitionSpecId()
                            && was.sequenceNumber() == now.sequenceNumber()
                            && (was.snapshotId() == null || was.snapshotId().equals(now.snapshotId()))
                            && (was.firstRowId() == null || was.firstRowId().equals(now.firstRowId()));
            if (!same) {
                return "manifest %s stays and is listed as %s and then as %s".formatted(now.path(), was, now);
            }
        }
        return null;
    }

    private Entries sum(List<ManifestFile> manifests) {
        return manifests.stream().map(manifest -> tallyOf(manifest).entries()).reduce(Entries.NONE, Entries::plus);
    }

    private Tally tallyOf(ManifestFile manifest) {
        return Objects.requireNonNull(tallies.get(manifest.path()), manifest.path());
    }

    private void tally(List<ManifestFile> manifests, Map<Integer, PartitionSpec> specs) {
        Parallel.each(manifests, manifest -> tallies.computeIfAbsent(manifest.path(), path -> tally(manifest, specs)));
    }

    private void countWritten(List<ManifestFile> manifests) {
        Parallel.each(
                manifests,
                manifest -> written.computeIfAbsent(manifest.path(), path -> WrittenEntries.read(manifest, io)));
    }

    private Tally tally(ManifestFile manifest, Map<Integer, PartitionSpec> specs) {
        Counting counting = new Counting();
        Manifests.liveFiles(manifest, io, specs, counting::add);
        return counting.done();
    }

    /** Adds up one manifest. */
    private final class Counting {
        private final Map<Sum, Integer> loose = new HashMap<>();
        private final Set<Object> met = new HashSet<>();
        private Sum kept = Sum.NONE;
        private Sum keptIds = Sum.NONE;
        private long withoutIds;
        private Sum taken = Sum.NONE;
        private Sum brought = Sum.NONE;
        private long badIn;
        private long sameAgain;
        private long sameAgainLoose;

        void add(ContentFile<?> file) {
            if (file instanceof DeleteFile delete) {
                add(delete);
            } else if (dataOut.contains(file.location())) {
                taken = taken.plus(Sum.of(file, Facts.BUT_STATISTICS));
                sameAgain += met.add(file.location()) ? 0 : 1;
            } else if (dataIn.contains(file.location())) {
                brought = brought.plus(Sum.of(file, Facts.OF_NEW_FILE));
                badIn += file.dataSequenceNumber() == intent.sequenceOfIn() ? 0 : 1;
            } else {
                keep(file);
            }
        }

        private void add(DeleteFile delete) {
            DeleteKey key = DeleteKey.of(delete);
            if (deletesOut.contains(key)) {
                taken = taken.plus(Sum.of(delete, Facts.BUT_STATISTICS));
                sameAgain += met.add(key) ? 0 : 1;
            } else if (mayGo(delete, key)) {
                loose.merge(Sum.of(delete, Facts.ALL), 1, Integer::sum);
                sameAgainLoose += met.add(key) ? 0 : 1;
            } else {
                keep(delete);
            }
        }

        private boolean mayGo(DeleteFile delete, DeleteKey key) {
            boolean vectorOfNothing =
                    delete.format() == FileFormat.PUFFIN && dataOut.contains(delete.referencedDataFile());
            return intent.freed().contains(key) || vectorOfNothing || delete.dataSequenceNumber() < oldestKept;
        }

        private void keep(ContentFile<?> file) {
            kept = kept.plus(Sum.of(file, Facts.BUT_ROW_IDS));
            keptIds = keptIds.plus(Sum.of(file, Facts.ALL));
            withoutIds += file instanceof DataFile && file.firstRowId() == null ? 1 : 0;
        }

        Tally done() {
            return new Tally(
                    new Entries(kept, keptIds, withoutIds, taken, brought, badIn, loose), sameAgain, sameAgainLoose);
        }
    }
}
