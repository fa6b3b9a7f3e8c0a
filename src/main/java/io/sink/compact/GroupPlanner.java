package io.sink.compact;

import io.sink.action.StopSignal;
import io.sink.compact.CompactPlan.Backlog;
import io.sink.compact.CompactPolicy.OnUnreadable;
import io.sink.compact.CompactPolicy.WhenAboveCap;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.FooterCheck;
import io.sink.rewrite.Footers;
import io.sink.rewrite.GroupChecks;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RefusedException;
import io.sink.rewrite.Support;
import io.sink.table.LiveDeletes;
import io.sink.table.Manifests;
import io.sink.text.Human;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.iceberg.util.StructLikeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a compaction of one branch rewrites: threshold, candidates, byte cap, support, in this order.
 *
 * <p>Decides from the sums of partitions which files to look at one by one, and keeps of these the candidates: about
 * 1 KB for each, which the commit needs as well, and {@link #MOST_FILES} of a place at most. While it plans, it
 * also holds a hash of the path of each live data file, to find those with several entries.
 */
public final class GroupPlanner {
    /** Files that a plan looks at one by one; about a kilobyte each. */
    static final int MOST_FILES = 100_000;

    private final GroupChecks checks;
    private final Instant now;
    private final StopSignal stop;
    private final int mostFiles;
    private final Set<String> passed;

    /**
     * @param checks looks at the footers of the groups that are next
     * @param now the start of the run
     * @param stop ends the plan where it stands
     * @param mostFiles that a plan looks at one by one
     * @param passed data files of earlier waves of this run, which are no candidates: what they were to rewrite, and
     *     what they wrote
     */
    GroupPlanner(GroupChecks checks, Instant now, StopSignal stop, int mostFiles, Set<String> passed) {
        this.mostFiles = mostFiles;
        this.passed = Set.copyOf(passed);
        this.checks = checks;
        this.now = now;
        this.stop = stop;
    }

    /**
     * The plan for the branch as of a snapshot. Reads manifests, position-delete files, and the footers of the files
     * that are to be rewritten next; writes nothing.
     *
     * @param start the branch's snapshot; null where the branch has none
     * @throws io.sink.action.StoppedException if the run has to end
     * @throws org.apache.iceberg.exceptions.ValidationException if Iceberg finds the snapshot's metadata inconsistent
     */
    public PlanDecision plan(Table table, @Nullable Snapshot start, CompactPolicy policy) {
        Optional<Stay> refused = refused(table, start, policy);
        if (start == null || refused.isPresent()) {
            return refused.orElseThrow();
        }
        int threshold = policy.minDataFiles().value();
        boolean skips = policy.onUnreadable().value() == OnUnreadable.SKIP_GROUP;
        FirstLook look = null;
        RuntimeException unknown = null;
        try {
            look = new FirstLook(table, start, policy, now, mostFiles, passed);
        } catch (RuntimeException e) {
            // A table that is too small for a compaction needs no sound settings for one.
            unknown = e;
        }
        LiveDeletes.Scan live = LiveDeletes.scan(
                table,
                start,
                files -> files >= threshold || !passed.isEmpty(),
                look == null ? (manifest, deletes) -> entry -> {} : look::of,
                skips,
                stop::check);
        if (live.dataFiles() < threshold && passed.isEmpty()) {
            return new Stay(
                    Reason.BELOW_THRESHOLD,
                    Human.count(live.dataFiles(), "live data file") + ", fewer than min-data-files " + threshold);
        }
        if (look == null) {
            throw Objects.requireNonNull(unknown);
        }
        if (look.refusal().isPresent()) {
            return look.refusal().get();
        }
        look.again(table, start, live, stop::check);
        return plan(table, start, policy, live, look);
    }

    private PlanDecision plan(
            Table table, Snapshot start, CompactPolicy policy, LiveDeletes.Scan live, FirstLook look) {
        long cap = policy.maxBytes().value();
        PlaceSums sums = look.sums();
        Selection.LeftOut leftOut = look.selection().leftOut(sums);
        if (sums.isLarge() && sums.wanted().bytes() > cap && !inParts(policy)) {
            return aboveCap(sums.wanted(), policy, leftOut.described());
        }
        StructLikeSet narrowed = sums.narrowed(table.spec().partitionType(), cap);
        Candidates candidates = new Candidates(
                table,
                start,
                policy,
                live,
                look.repeated(),
                new Candidates.Scope(
                        look.selection(),
                        narrowed,
                        look.reading(narrowed, live),
                        Math.max(mostFiles, policy.minInputFiles().value()),
                        passed,
                        stop::check));
        long count = sums.isLarge() ? sums.candidates() : candidates.count();
        List<FileGroup> wanted = candidates.whole(() -> candidates.groups(Long.MAX_VALUE));
        if (wanted.isEmpty()) {
            Reason nothing =
                    count == 0 && leftOut.allUnanswered() ? Reason.WHERE_UNANSWERED : Reason.NOTHING_TO_REWRITE;
            return new Stay(
                    leftOut.waiting().files() > 0 ? Reason.PARTITION_BUSY : nothing,
                    "no group among " + count + " candidates of " + live.dataFiles() + " live data files"
                            + leftOut.described() + candidates.parted().describe());
        }
        Backlog all =
                sums.isLarge() ? sums.wanted() : new Backlog(CompactPlan.files(wanted), CompactPlan.bytes(wanted));
        List<FileGroup> chosen =
                CompactPlan.bytes(wanted) <= cap ? wanted : candidates.whole(() -> withinCap(policy, candidates));
        if (chosen.isEmpty()) {
            return aboveCap(
                    all, policy, leftOut.described() + candidates.parted().describe());
        }
        Backlog backlog = new Backlog(
                Math.max(0, all.files() - CompactPlan.files(chosen)),
                Math.max(0, all.bytes() - CompactPlan.bytes(chosen)));
        List<GroupChecks.Checked> next;
        try {
            next = checks.begin(chosen);
        } catch (RefusedException e) {
            return new Stay(e.refusal());
        }
        CompactPlan plan = new CompactPlan(
                        policy.branch().value(),
                        start.snapshotId(),
                        start.sequenceNumber(),
                        candidates.target(),
                        table.sortOrder().isSorted() ? table.sortOrder().orderId() : 0,
                        live.dataFiles(),
                        count,
                        chosen,
                        checks.bloomFilters(),
                        backlog,
                        candidates.deletesKept(chosen),
                        candidates.oldestKept(chosen),
                        candidates.parted(),
                        leftOut,
                        List.of())
                .seen(next, checks.bloomFilters());
        return plan.groups().isEmpty()
                ? new Stay(
                        plan.unreadable().get(0).reason(),
                        plan.unreadable().get(0).detail())
                : plan;
    }

    /**
     * The checks for a plan.
     *
     * @param footers keeps the footers that are read, for the rewrite
     * @param next data files that are looked at before the first group begins
     */
    static GroupChecks checks(Table table, @Nullable Snapshot start, CompactPolicy policy, Footers footers, int next) {
        return new GroupChecks(
                table,
                footers,
                entries(table, start),
                policy.verify().value() == ProofLevel.FULL,
                policy.onUnreadable().value() == OnUnreadable.SKIP_GROUP,
                next);
    }

    /** The data files of the snapshot with their metrics, by the manifests that name them. */
    static FooterCheck.Entries entries(Table table, @Nullable Snapshot start) {
        return (wanted, each) -> {
            for (ManifestFile manifest : Manifests.of(table, Objects.requireNonNull(start), ManifestContent.DATA)) {
                if (wanted.contains(manifest.path())) {
                    Manifests.liveFiles(manifest, table.io(), table.specs(), file -> each.accept((DataFile) file));
                }
            }
        };
    }

    /** Why nothing can be rewritten at all; empty if there is a snapshot and nothing speaks against it. */
    private static Optional<Stay> refused(Table table, @Nullable Snapshot start, CompactPolicy policy) {
        return start == null
                ? Optional.of(new Stay(
                        Reason.NO_CURRENT_SNAPSHOT,
                        "branch " + policy.branch().value() + " of " + table.name() + " has no snapshot"))
                : Support.refuseTable(table).map(Stay::new);
    }

    /** Whether a part of what is above the cap may be rewritten. */
    private static boolean inParts(CompactPolicy policy) {
        return policy.whenAboveCap().value() == WhenAboveCap.PARTIAL
                || policy.waves().value() > 1;
    }

    private static Stay aboveCap(Backlog wanted, CompactPolicy policy, String others) {
        List<String> bytes = Human.apart(wanted.bytes(), policy.maxBytes().value());
        return new Stay(
                Reason.ABOVE_BYTE_CAP,
                "rewriting " + wanted.files() + " files would read " + bytes.get(0) + ", more than max-bytes "
                        + bytes.get(1) + others);
    }

    /**
     * The groups to rewrite, in the order of their numbers; none if the cap forbids it. The groups that fit hold
     * several target files each: small groups would each leave a remainder, and the remainders would make a group of
     * the next run.
     */
    private static List<FileGroup> withinCap(CompactPolicy policy, Candidates candidates) {
        long cap = policy.maxBytes().value();
        if (!inParts(policy)) {
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

    /** Groups that remove the most data files and delete files per byte read come first. */
    static final Comparator<FileGroup> GAIN = Comparator.<FileGroup>comparingDouble(group ->
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
}
