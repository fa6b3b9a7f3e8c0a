package io.sink.expire;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.StoppedException;
import io.sink.action.Subject;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.storage.EarlierTables;
import io.sink.storage.FoundFile;
import io.sink.storage.Journals;
import io.sink.storage.Locations;
import io.sink.storage.OtherTables;
import io.sink.storage.OutgoingMetadata;
import io.sink.storage.Ownership;
import io.sink.storage.Storage;
import io.sink.table.ExpiredFiles;
import io.sink.table.Failures;
import io.sink.table.FileKind;
import io.sink.table.LiveBytes;
import io.sink.table.TableFile;
import io.sink.text.Human;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;

/**
 * Expires old snapshots and deletes the files that no surviving snapshot reaches.
 *
 * @ref LLP 0006#expire-sequence
 */
public final class ExpireAction implements Action<ExpirePolicy> {
    private static final int NEWEST_FORMAT = 3;

    private final OtherTables others;
    private final InstantSource clock;

    /** @param others the other tables, which may need a file where places are shared */
    public ExpireAction(OtherTables others, InstantSource clock) {
        this.others = others;
        this.clock = clock;
    }

    @Override
    public ActionName name() {
        return ActionName.EXPIRE;
    }

    @Override
    public Decision plan(Subject subject, ExpirePolicy policy) {
        TableOperations ops = subject.ops();
        TableMetadata base = ops.current();
        ActionResult refusal = refusal(base);
        if (refusal != null) {
            return new Decision.Stay(refusal);
        }
        try {
            Storage.requireDeletion(ops.io());
            Retention retention = Retention.of(policy, base, subject.now());
            if (retention.cutoff().isAfter(subject.now())) {
                return Decision.stay(
                        Reason.EXPIRY_GUARD,
                        "%s puts the cutoff at %s, which is in the future; every snapshot would be old"
                                .formatted(retention.olderThan().source(), retention.cutoff()));
            }
            return plan(subject, policy, retention, base);
        } catch (StoppedException e) {
            return subject.stop().stopped()
                    ? Decision.stay(Reason.INTERRUPTED, "stopped while planning; nothing was changed")
                    : Decision.stay(Reason.DEADLINE_REACHED, "not planned before the deadline");
        } catch (RuntimeException e) {
            return Decision.stay(
                    Failures.reason(e, Reason.EXPIRE_ERROR), "nothing was changed: " + Failures.message(e));
        }
    }

    private static @Nullable ActionResult refusal(TableMetadata base) {
        if (base.formatVersion() > NEWEST_FORMAT) {
            return ActionResult.of(
                    Reason.UNSUPPORTED_FORMAT,
                    "format version %d; this version knows up to %d".formatted(base.formatVersion(), NEWEST_FORMAT));
        }
        if (!PropertyUtil.propertyAsBoolean(
                base.properties(), TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT)) {
            return ActionResult.of(Reason.GC_DISABLED, "table property gc.enabled is false: its files may be shared");
        }
        if (base.snapshots().isEmpty()) {
            return ActionResult.of(Reason.NO_CURRENT_SNAPSHOT, "the table has no snapshot");
        }
        return null;
    }

    private Decision plan(Subject subject, ExpirePolicy policy, Retention retention, TableMetadata base) {
        FileIO io = subject.ops().io();
        TableMetadata after = retention.applyTo(base, io);
        ExpiryTarget target = ExpiryTarget.between(base, after);
        PendingJournals pending = PendingJournals.find(
                new Journals(subject.ops()),
                new EarlierTables(subject.ops(), uuid -> others.couldHave(uuid, () -> safePoint(subject))),
                after,
                subject.now());
        String described = joined(retention.describe(base), retention.due(after, io, subject.now()));
        if (target.isEmpty() && pending.isEmpty()) {
            return Decision.stay(
                    Reason.NOTHING_TO_EXPIRE,
                    joined(
                            "%s, all retained: %s"
                                    .formatted(Human.count(base.snapshots().size(), "snapshot"), described),
                            pending.note()));
        }
        ActionResult unlike = guardedHistory(subject, policy, base, target);
        if (unlike != null) {
            return new Decision.Stay(unlike);
        }
        ExpiredFiles expired = ExpiredFiles.between(base, after, pending.files().toList(), io);
        Locations locations = Locations.of(base, io, policy.exclusive().value().locations());
        Ownership ownership = new Ownership(subject.name(), base, locations, io, others, () -> safePoint(subject));
        Ownership.Verdict verdict = ownership.judge(expired.files());
        Map<String, String> refused = new TreeMap<>(verdict.left());
        refused.putAll(locations.refused(expired.inexact()));
        expired.doubtful()
                .forEach(file -> refused.put(
                        file.path(), "not deleted: except for its spelling it is the name of a file that stays"));
        // Files that are not the table's own are not even looked at.
        List<FoundFile> found = Storage.find(io, locations, verdict.free()).there();
        ActionResult guarded = guarded(policy.maxExpireBytesPercent(), found, pending.earlierFiles(), after, io);
        if (guarded != null) {
            return new Decision.Stay(guarded);
        }
        List<TableFile> outgoing =
                others.hasOtherEntry(subject.name(), base) ? List.of() : outgoingMetadata(base, after, io);
        String detail = joined(described, missing(expired.missing()), pending.settling(), pending.note());
        Deletion deletion = new Deletion(
                subject,
                clock,
                target,
                expired.live(),
                new Deletion.Files(
                        found,
                        refused,
                        verdict.later(),
                        Storage.find(io, locations, outgoing).there(),
                        policy.exclusive().value(),
                        ownership),
                pending,
                target.describe(base),
                detail);
        return new Decision.Go(new ExpirePlan(subject, retention, target, base, deletion));
    }

    private static @Nullable ActionResult guardedHistory(
            Subject subject, ExpirePolicy policy, TableMetadata base, ExpiryTarget target) {
        Setting<Integer> most = policy.maxExpireSnapshots();
        if (most != null && target.snapshotIds().size() > most.value()) {
            return ActionResult.of(
                    Reason.EXPIRY_GUARD,
                    "%s would expire, more than max-expire-snapshots %d (%s)"
                            .formatted(
                                    Human.count(target.snapshotIds().size(), "snapshot"), most.value(), most.source()));
        }
        return new HistoryGuard(policy.history(), base, target.snapshotIds())
                .refusal(subject.now(), subject.ops().io());
    }

    private static void safePoint(Subject subject) {
        if (subject.stop().stopped() || subject.stop().pastDeadline()) {
            throw new StoppedException();
        }
    }

    /** Files that an earlier table left do not count as bytes of this one. */
    private static @Nullable ActionResult guarded(
            @Nullable Setting<Integer> percent,
            List<FoundFile> found,
            Set<String> earlierFiles,
            TableMetadata after,
            FileIO io) {
        if (percent == null) {
            return null;
        }
        long freed = found.stream()
                .filter(file ->
                        file.file().kind() == FileKind.DATA || file.file().kind() == FileKind.DELETE)
                .filter(file -> !earlierFiles.contains(file.file().path()))
                .mapToLong(FoundFile::bytes)
                .sum();
        long all = freed + LiveBytes.of(after, io);
        if (freed == 0 || freed * 100.0 / all <= percent.value()) {
            return null;
        }
        return ActionResult.of(
                Reason.EXPIRY_GUARD,
                ("%s of the %s of data that the table's snapshots reach would go, more than"
                                + " max-expire-bytes-percent %d (%s)")
                        .formatted(Human.bytes(freed), Human.bytes(all), percent.value(), percent.source()));
    }

    /**
     * The metadata files in the table's own places that leave the log at the next commit; none unless the table's
     * properties have them deleted.
     */
    private static List<TableFile> outgoingMetadata(TableMetadata base, TableMetadata after, FileIO io) {
        boolean deleted = PropertyUtil.propertyAsBoolean(
                base.properties(),
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED,
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED_DEFAULT);
        if (!deleted || after.changes().isEmpty()) {
            return List.of();
        }
        OutgoingMetadata outgoing = new OutgoingMetadata(base, io);
        Set<String> staying = new HashSet<>();
        after.previousFiles().forEach(entry -> staying.add(entry.file()));
        return base.previousFiles().stream()
                .map(TableMetadata.MetadataLogEntry::file)
                .filter(file -> !staying.contains(file) && outgoing.refusal(file) == null)
                .map(file -> new TableFile(file, FileKind.METADATA))
                .toList();
    }

    private static String missing(int count) {
        return count == 0
                ? ""
                : count + " manifests of expiring snapshots are missing or not whole; files that only they named stay";
    }

    static String joined(String... parts) {
        return String.join(
                "; ", Stream.of(parts).filter(part -> !part.isEmpty()).toList());
    }
}
