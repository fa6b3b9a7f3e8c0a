package io.sink.deletes;

import io.sink.action.Plan;
import io.sink.action.Subject;
import io.sink.commit.CountedEntries;
import io.sink.commit.SnapshotCommit;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.table.DanglingDeletes;
import io.sink.table.Manifests;
import java.util.List;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;

/**
 * The removal of one branch's dangling delete files: one commit, proved to take out these entries and no other.
 *
 * @ref LLP 0015#dangling
 */
final class DeletesPlan implements Plan, SnapshotCommit.Change {
    private final Subject subject;
    private final String branch;
    private final DanglingDeletes dangling;
    private final List<DeleteFile> files;
    private final SnapshotCommit commit;
    private final long plannedOn;
    private List<String> written = List.of();

    DeletesPlan(Subject subject, String branch, long plannedOn, DanglingDeletes dangling, SnapshotCommit commit) {
        this.subject = subject;
        this.branch = branch;
        this.dangling = dangling;
        this.files = dangling.files();
        this.commit = commit;
        this.plannedOn = plannedOn;
    }

    @Override
    public ActionResult preview() {
        return new ActionResult(
                Reason.WOULD_REMOVE_DANGLING_DELETES, describe(), effect(), ActionResult.Files.NONE, null);
    }

    private Effect effect() {
        return Effect.of(Counter.DELETE_FILES_REMOVED, files.size());
    }

    private String describe() {
        long equality = files.stream()
                .filter(file -> file.content() == FileContent.EQUALITY_DELETES)
                .count();
        long vectors = files.stream()
                .filter(file -> file.format() == FileFormat.PUFFIN)
                .count();
        String text = "%d of %d delete files can drop no row: %d with positions, %d with equality, %d deletion vectors"
                .formatted(files.size(), dangling.deleteFiles(), files.size() - equality - vectors, equality, vectors);
        return branch.equals(SnapshotRef.MAIN_BRANCH) ? text : text + "; branch " + branch;
    }

    @Override
    public ActionResult execute() {
        return commit.once(this, this::committed);
    }

    @Override
    public SnapshotUpdate<?> on(Table table) {
        RewriteFiles rewrite = table.newRewrite().toBranch(branch);
        files.forEach(rewrite::deleteFile);
        return rewrite;
    }

    @Override
    public boolean mergesManifests() {
        return true;
    }

    @Override
    public CountedEntries.Intent intent() {
        return CountedEntries.Intent.taking(branch, plannedOn, files);
    }

    @Override
    public void lastLook(TableMetadata base, Snapshot next) {
        // A rollback, a cherry-pick or a rewrite may have brought data files to which these apply.
        String needed = dangling.neededIn(base, head(base), subject.ops().io());
        if (needed != null) {
            throw new ValidationException("%s", needed);
        }
        written = Manifests.writtenFor(next, subject.ops().io());
    }

    private ActionResult committed(long snapshotId) {
        return commit.landed(
                Reason.DANGLING_DELETES_REMOVED,
                describe() + "; proved that nothing else changed",
                effect().plus(Counter.FILES_STAGED, written.size()),
                written,
                snapshotId);
    }

    private Snapshot head(TableMetadata base) {
        SnapshotRef ref = base.ref(branch);
        Snapshot head = ref == null ? null : base.snapshot(ref.snapshotId());
        if (head == null) {
            throw new ValidationException("branch %s is gone", branch);
        }
        return head;
    }
}
