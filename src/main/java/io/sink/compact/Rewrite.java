package io.sink.compact;

import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.action.ProofFailedException;
import io.sink.action.StoppedException;
import io.sink.action.Subject;
import io.sink.commit.CountedEntries;
import io.sink.commit.SnapshotCommit;
import io.sink.engine.Engine;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.pages.Share;
import io.sink.rewrite.FileGroup;
import io.sink.rewrite.GroupChecks;
import io.sink.rewrite.GroupEnd;
import io.sink.rewrite.GroupResult;
import io.sink.rewrite.GroupTask;
import io.sink.rewrite.Proof;
import io.sink.rewrite.ProofLevel;
import io.sink.rewrite.RefusedException;
import io.sink.rewrite.RewriterChoice;
import io.sink.rewrite.UnreadableGroup;
import io.sink.table.DeleteKey;
import io.sink.table.Failures;
import io.sink.text.Human;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rewrite of one table: stage, prove, commit once, settle.
 *
 * <p>Whatever ends it early, the staged files are deleted, unless it is unknown whether they were committed.
 *
 * @ref LLP 0008#sequence
 */
final class Rewrite implements Plan {
    private static final Logger LOG = LoggerFactory.getLogger(Rewrite.class);

    /** What a wave may end with so that the next one begins. */
    private static final Set<Reason> GO_ON =
            EnumSet.of(Reason.COMPACTED, Reason.WOULD_COMPACT, Reason.GROUPS_SKIPPED, Reason.COMMIT_CONFLICT);

    private final Subject subject;
    private final CompactPlan plan;
    private final ProofLevel level;
    private final Engine engine;
    private final GroupTask task;
    private final GroupChecks checks;
    private final SnapshotCommit commit;
    private final int attempts;
    private final Waves waves;
    private final Function<Waves, Decision> planning;
    private final int formatVersion;
    private final ToldGroups told;

    /**
     * @param level what was proved of each group
     * @param task what the engine does with each group
     * @param checks what the footers of the groups say, of the first ones when it is made
     * @param commit the commit, to whose staging the task announces its files
     * @param attempts how often it is tried at most
     * @param waves which one of several this is
     * @param planning plans the next wave
     */
    Rewrite(
            Subject subject,
            CompactPlan plan,
            ProofLevel level,
            Engine engine,
            GroupTask task,
            GroupChecks checks,
            SnapshotCommit commit,
            int attempts,
            Waves waves,
            Function<Waves, Decision> planning) {
        this.waves = waves;
        this.planning = planning;
        this.subject = subject;
        this.plan = plan;
        this.level = level;
        this.engine = engine;
        this.task = task;
        this.checks = checks;
        this.commit = commit;
        this.attempts = attempts;
        this.formatVersion = subject.ops().current().formatVersion();
        // Not when the commit has landed: the table may be gone by then, and what landed is told all the same.
        this.told = new ToldGroups(subject.ops().current().specsById(), engine.memory());
    }

    /** Looks at the footers of all groups, since it is believed. */
    @Override
    public ActionResult preview() {
        CompactPlan whole;
        try {
            whole = looked(plan);
        } catch (RefusedException e) {
            return ActionResult.of(e.refusal().reason(), e.refusal().detail());
        } catch (RuntimeException e) {
            return CompactAction.notPlanned(subject, e);
        }
        return whole.groups().isEmpty()
                ? ActionResult.of(
                        whole.unreadable().get(0).reason(),
                        whole.unreadable().get(0).detail())
                : with(whole).looksLike();
    }

    /** The plan with what the footers of all its groups say. */
    private CompactPlan looked(CompactPlan some) {
        List<FileGroup> unseen = checks.unseen(some.groups());
        if (unseen.isEmpty()) {
            return some;
        }
        CompactPlan whole = some.seen(checks.look(unseen), checks.bloomFilters());
        engine.require(whole.groups(), task);
        return whole;
    }

    @Override
    public Effect expected() {
        return Effect.of(Counter.DATA_FILES_REWRITTEN, plan.inputFiles())
                .plus(Counter.BYTES_READ, plan.bytesToRead())
                .plus(backlog());
    }

    private ActionResult looksLike() {
        Effect effect = Effect.of(Counter.GROUPS_REWRITTEN, plan.groups().size())
                .plus(Counter.DATA_FILES_REWRITTEN, plan.inputFiles())
                .plus(Counter.DATA_FILES_WRITTEN, plan.expectedOutputs())
                .plus(Counter.BYTES_READ, plan.bytesToRead())
                .plus(backlog());
        return new ActionResult(
                Reason.WOULD_COMPACT, describe(), effect, ActionResult.Files.NONE, null, told.planned(plan));
    }

    private Effect backlog() {
        return Effect.of(Counter.BACKLOG_FILES, plan.backlog().files())
                .plus(Counter.BACKLOG_BYTES, plan.backlog().bytes())
                .plus(Counter.DELETE_FILES_APPLIED, plan.deletesToApply());
    }

    private String describe() {
        String chosen = plan.groups().stream()
                .map(group -> RewriterChoice.of(group, engine.memory()))
                .map(choice -> choice.rewriter() + " (" + choice.why() + ")")
                .distinct()
                .reduce((a, b) -> a + ", " + b)
                .orElse("none");
        StringBuilder text = new StringBuilder("%d of %s in %s, %s; rewriter %s"
                .formatted(
                        plan.inputFiles(),
                        Human.count(plan.liveDataFiles(), "live data file"),
                        Human.count(plan.groups().size(), "group"),
                        Human.count(plan.candidates(), "candidate"),
                        chosen));
        if (!plan.branch().equals("main")) {
            text.append("; branch ").append(plan.branch());
        }
        if (plan.sorted()) {
            text.append("; sorted by sort order ").append(plan.sortOrderId());
        }
        text.append(plan.bloomFilters().describe());
        if (plan.backlog().files() > 0) {
            text.append("; backlog %s, %s"
                    .formatted(
                            Human.count(plan.backlog().files(), "file"),
                            Human.bytes(plan.backlog().bytes())));
        }
        return text.append(waves.described())
                .append(plan.leftOut().described())
                .append(plan.parted().describe())
                .append(plan.describeUnreadable())
                .toString();
    }

    @Override
    public ActionResult execute() {
        List<GroupEnd> groups;
        CompactPlan known;
        try {
            CompactPlan whole = engine.travels() ? looked(plan) : plan;
            groups = whole.groups().isEmpty() ? List.of() : with(whole).rewritten();
            known = whole.decided(group -> checks.of(group).group(), checks.bloomFilters())
                    .without(of(groups, UnreadableGroup.class));
            commit.staged()
                    .requireEntries(groups.stream()
                            .flatMap(group -> group.announced().stream())
                            .toList());
        } catch (StoppedException e) {
            return subject.stop().stopped()
                    ? commit.givenUp(Reason.INTERRUPTED, "stopped while rewriting")
                    : commit.givenUp(Reason.DEADLINE_REACHED, "not finished before the deadline");
        } catch (RefusedException e) {
            return commit.givenUp(e.refusal().reason(), e.refusal().detail());
        } catch (ProofFailedException e) {
            return commit.givenUp(
                    Reason.ROW_PROOF_FAILED, "the written files do not hold the rows read: " + e.getMessage());
        } catch (RuntimeException e) {
            Reason otherwise = e == checks.failure() ? CompactAction.otherwise(e) : Reason.REWRITE_ERROR;
            return commit.givenUp(Failures.reason(e, otherwise), Failures.message(e));
        } catch (LinkageError | StackOverflowError | AssertionError e) {
            String unloaded = Failures.unloaded(e);
            if (unloaded != null) {
                LOG.debug("{}: the rewrite needs a native library", subject.name(), e);
                return commit.givenUp(Reason.PERMISSION_DENIED, unloaded);
            }
            if (e == checks.failure() && e instanceof LinkageError) {
                LOG.debug("{}: a file of the table needs a class", subject.name(), e);
                return commit.givenUp(Reason.STORAGE_ERROR, Failures.message(e));
            }
            LOG.error("{}: the rewrite ended unexpectedly", subject.name(), e);
            return commit.givenUp(
                    Reason.INTERNAL_ERROR, "unexpected " + e.getClass().getSimpleName() + ": " + Failures.message(e));
        }
        return with(known).commitRest(of(groups, GroupResult.class));
    }

    private List<GroupEnd> rewritten() {
        GroupChecks.Ahead looks = checks.ahead(plan.groups());
        try {
            return engine.run(plan.groups(), task);
        } finally {
            looks.end();
        }
    }

    private static <T extends GroupEnd> List<T> of(List<GroupEnd> groups, Class<T> kind) {
        return groups.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private Rewrite with(CompactPlan rest) {
        return new Rewrite(subject, rest, level, engine, task, checks, commit, attempts, waves, planning);
    }

    @Override
    public @Nullable Plan within(long bytes) {
        CompactPlan part = plan.within(bytes);
        return part.groups().isEmpty() ? null : with(part);
    }

    /**
     * A wave that another writer won does not end the others. One of which nobody knows whether it landed does.
     */
    @Override
    public @Nullable Supplier<Decision> next(ActionResult result) {
        if (waves.isLast() || plan.backlog().files() == 0 || !GO_ON.contains(result.reason())) {
            return null;
        }
        List<String> inputs = plan.groups().stream()
                .flatMap(group -> group.dataFiles().stream())
                .map(DataFile::location)
                .toList();
        return () -> planning.apply(waves.next(inputs, result.files().staged()));
    }

    /**
     * @param rewritten the rewritten groups; the plan may have fewer, since one may share a file with an unreadable
     *     group
     */
    private ActionResult commitRest(List<GroupResult> rewritten) {
        if (plan.groups().isEmpty()) {
            UnreadableGroup first = plan.unreadable().get(0);
            return commit.givenUp(first.reason(), first.detail());
        }
        Set<Integer> left = plan.groups().stream().map(FileGroup::index).collect(Collectors.toSet());
        return commit(
                rewritten.stream().filter(group -> left.contains(group.index())).toList());
    }

    private ActionResult commit(List<GroupResult> groups) {
        Proof proof = groups.stream().map(GroupResult::proof).reduce(Proof.none(level), Proof::plus);
        Set<DeleteKey> removed = new HashSet<>();
        SnapshotCommit.Change change = new SnapshotCommit.Change() {
            @Override
            public SnapshotUpdate<?> on(Table table) {
                removed.clear();
                return proved(rewriteOf(table, groups, removed), proof);
            }

            @Override
            public boolean mergesManifests() {
                return true;
            }

            @Override
            public CountedEntries.Intent intent() {
                return new CountedEntries.Intent(
                        plan.branch(),
                        plan.startSnapshotId(),
                        plan.groups().stream()
                                .flatMap(group -> group.dataFiles().stream())
                                .toList(),
                        removed,
                        plan.oldestKept(),
                        outputs(groups),
                        formatVersion == 1 ? 0 : plan.startSequenceNumber());
            }

            @Override
            public void lastLook(TableMetadata base, Snapshot next) {
                String changed = new ChangedInputs(plan, formatVersion)
                        .since(subject.ops().io(), base);
                if (changed != null) {
                    throw new ValidationException("%s", changed);
                }
            }
        };
        return commit.within(attempts, change, snapshotId -> committed(snapshotId, groups, proof, removed.size()));
    }

    private static RewriteFiles proved(RewriteFiles rewrite, Proof proof) {
        rewrite.set("sink.proof.rows", Long.toString(proof.rows()));
        rewrite.set("sink.proof.nulls", Long.toString(proof.nulls()));
        if (proof.values()) {
            rewrite.set("sink.proof.values", "all");
        }
        if (!proof.stored().isEmpty()) {
            rewrite.set("sink.proof.stored", stored(proof));
        }
        if (proof.fingerprint() != null) {
            rewrite.set("sink.proof.fingerprint", proof.fingerprint().toString());
        }
        return rewrite;
    }

    /** Of how many files the bytes in storage were compared by what, as in "2 CRC32, 1 read". */
    private static String stored(Proof proof) {
        return proof.stored().entrySet().stream()
                .map(way -> way.getValue() + " " + way.getKey())
                .collect(Collectors.joining(", "));
    }

    private RewriteFiles rewriteOf(Table table, List<GroupResult> groups, Set<DeleteKey> removed) {
        RewriteFiles rewrite = table.newRewrite()
                .validateFromSnapshot(plan.startSnapshotId())
                .dataSequenceNumber(plan.startSequenceNumber())
                .toBranch(plan.branch());
        for (FileGroup group : plan.groups()) {
            group.dataFiles().forEach(rewrite::deleteFile);
        }
        for (FileGroup group : plan.groups()) {
            group.deletes().filter(this::dangles).forEach(delete -> {
                if (removed.add(DeleteKey.of(delete))) {
                    rewrite.deleteFile(delete);
                }
            });
        }
        groups.forEach(group -> group.written().outputs().forEach(rewrite::addFile));
        return rewrite;
    }

    /**
     * Whether no row needs the deletes any more. A deletion vector goes with its data file; Iceberg drops it by itself
     * only where no other delete file is removed, since it looks into the manifests of those alone. Other deletes go
     * once they were applied to every file that they reach.
     */
    private boolean dangles(DeleteFile delete) {
        return delete.format() == FileFormat.PUFFIN
                || plan.backlog().files() == 0 && !plan.deletesKept().contains(DeleteKey.of(delete));
    }

    private static List<DataFile> outputs(List<GroupResult> groups) {
        return groups.stream()
                .flatMap(group -> group.written().outputs().stream())
                .toList();
    }

    private ActionResult committed(long snapshotId, List<GroupResult> groups, Proof proof, int removedDeletes) {
        List<DataFile> outputs = outputs(groups);
        long dropped = groups.stream()
                .mapToLong(group -> group.written().rowsDropped())
                .sum();
        Effect effect = Effect.of(Counter.GROUPS_REWRITTEN, plan.groups().size())
                .plus(Counter.DATA_FILES_REWRITTEN, plan.inputFiles())
                .plus(Counter.DATA_FILES_WRITTEN, outputs.size())
                .plus(Counter.BYTES_READ, plan.bytesToRead())
                .plus(
                        Counter.BYTES_WRITTEN,
                        outputs.stream().mapToLong(DataFile::fileSizeInBytes).sum())
                .plus(Counter.ROWS_WRITTEN, proof.rows())
                .plus(Counter.ROWS_DROPPED, dropped)
                .plus(Counter.FILES_STAGED, outputs.size())
                .plus(Counter.DELETE_FILES_REMOVED, removedDeletes)
                .plus(backlog());
        String proved = "proved %s, %s%s%s%s"
                .formatted(
                        Human.count(proof.rows(), "row"),
                        Human.count(proof.nulls(), "null"),
                        proof.values() ? ", every value" : "",
                        proof.stored().isEmpty() ? "" : ", files in storage: " + stored(proof),
                        proof.fingerprint() == null ? "" : ", fingerprint " + proof.fingerprint());
        String stays = "; the %s replaced, %s, stay until a later run expires the snapshots that hold them"
                .formatted(
                        Human.count(plan.inputFiles(), "file"),
                        Human.bytes(plan.groups().stream()
                                .mapToLong(FileGroup::dataBytes)
                                .sum()));
        ActionResult landed = commit.landed(
                plan.unreadable().isEmpty() ? Reason.COMPACTED : Reason.GROUPS_SKIPPED,
                describe() + shares(groups) + "; " + proved + stays,
                effect,
                outputs.stream().map(DataFile::location).toList(),
                snapshotId);
        return landed.with(told.written(plan, groups));
    }

    /** What page merging did with the bytes that it read; empty if every group was rewritten by records. */
    private static String shares(List<GroupResult> groups) {
        Map<Share, Long> bytes = new EnumMap<>(Share.class);
        groups.forEach(
                group -> group.written().shares().forEach((share, count) -> bytes.merge(share, count, Long::sum)));
        long total = bytes.values().stream().mapToLong(Long::longValue).sum();
        return total == 0
                ? ""
                : bytes.entrySet().stream()
                        .map(share -> "%d %% %s"
                                .formatted(
                                        Math.round(100.0 * share.getValue() / total),
                                        share.getKey().words()))
                        .collect(Collectors.joining(", ", "; of the bytes merged by pages ", ""));
    }
}
