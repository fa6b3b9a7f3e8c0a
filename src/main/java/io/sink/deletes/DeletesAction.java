package io.sink.deletes;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Subject;
import io.sink.commit.SnapshotCommit;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.DanglingDeletes;
import io.sink.table.Manifests;
import io.sink.table.Rewritable;
import java.time.InstantSource;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;

/**
 * Removes from a branch the delete files that can drop no row of any of its data files. The files are deleted when the
 * snapshots that still name them expire.
 *
 * @ref LLP 0015#dangling
 */
public final class DeletesAction implements Action<DeletesPolicy> {
    private final InstantSource clock;
    private final String version;

    /** @param version of the program, for the snapshot's summary */
    public DeletesAction(InstantSource clock, String version) {
        this.clock = clock;
        this.version = version;
    }

    @Override
    public ActionName name() {
        return ActionName.REMOVE_DANGLING_DELETES;
    }

    @Override
    public Decision plan(Subject subject, DeletesPolicy policy) {
        return Decision.afterReading(() -> look(subject, policy));
    }

    private Decision look(Subject subject, DeletesPolicy policy) {
        Table table = new BaseTable(subject.ops(), subject.name());
        table.refresh();
        SnapshotRef ref = table.refs().get(policy.branch().value());
        Snapshot head = ref == null || !ref.isBranch() ? null : table.snapshot(ref.snapshotId());
        if (head == null) {
            return Decision.stay(
                    Reason.NO_CURRENT_SNAPSHOT, "branch " + policy.branch().value() + " has no snapshot");
        }
        ActionResult refusal = Rewritable.refusal(subject.ops(), head);
        if (refusal != null) {
            return new Decision.Stay(refusal);
        }
        DanglingDeletes dangling = DanglingDeletes.of(table, head);
        int found = dangling.files().size();
        if (found == 0) {
            return Decision.stay(
                    Reason.NO_DANGLING_DELETES,
                    dangling.deleteFiles() + " delete files, each of which a live data file may need");
        }
        if (found < policy.minDanglingDeletes().value()) {
            return Decision.stay(
                    Reason.BELOW_THRESHOLD,
                    "%d of %d delete files dangle, fewer than min-dangling-deletes %d (%s)"
                            .formatted(
                                    found,
                                    dangling.deleteFiles(),
                                    policy.minDanglingDeletes().value(),
                                    policy.minDanglingDeletes().source()));
        }
        if (withoutRowIds(table, head)) {
            return Decision.stay(
                    Reason.UNSUPPORTED_FEATURE,
                    "data files of branch " + policy.branch().value()
                            + " have no row ids yet, since the table was upgraded; the next commit of a writer"
                            + " gives them");
        }
        return new Decision.Go(new DeletesPlan(
                subject,
                policy.branch().value(),
                head.snapshotId(),
                dangling,
                new SnapshotCommit(subject, version, clock)));
    }

    /** Whether rows have no row ids. Any commit would give them ids, and this one must change nothing else. */
    private static boolean withoutRowIds(Table table, Snapshot head) {
        return TableUtil.supportsRowLineage(table)
                && Manifests.of(table, head, ManifestContent.DATA).stream()
                        .map(ManifestFile::firstRowId)
                        .anyMatch(id -> id == null);
    }
}
