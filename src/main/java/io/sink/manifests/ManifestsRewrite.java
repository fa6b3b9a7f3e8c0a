package io.sink.manifests;

import io.sink.action.Plan;
import io.sink.action.StoppedException;
import io.sink.action.Subject;
import io.sink.commit.CountedEntries;
import io.sink.commit.SnapshotCommit;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.table.Ancestry;
import io.sink.table.Manifests;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ValidationException;

/**
 * The rewrite of one table's manifests, by Iceberg's own operation: one commit, proved to name the same files, entry by
 * entry.
 *
 * @ref LLP 0015#manifests
 */
final class ManifestsRewrite implements Plan, SnapshotCommit.Change {
    private final Subject subject;
    private final ManifestsPlan plan;
    private final SnapshotCommit commit;
    private final long plannedOn;
    private final Map<Integer, ManifestGroup.Clusters> clusters = new HashMap<>();
    private final Set<String> planned;
    private List<String> written = List.of();

    ManifestsRewrite(Subject subject, long plannedOn, ManifestsPlan plan, SnapshotCommit commit) {
        this.subject = subject;
        this.plan = plan;
        this.commit = commit;
        this.plannedOn = plannedOn;
        plan.groups().forEach(group -> clusters.put(group.specId(), group.clusters()));
        this.planned = plan.groups().stream()
                .flatMap(group -> group.manifests().stream())
                .map(ManifestFile::path)
                .collect(Collectors.toSet());
    }

    @Override
    public ActionResult preview() {
        return new ActionResult(
                Reason.WOULD_REWRITE_MANIFESTS,
                describe(),
                effect().plus(Counter.MANIFESTS_WRITTEN, plan.expected()),
                ActionResult.Files.NONE,
                null);
    }

    private Effect effect() {
        return Effect.of(Counter.MANIFESTS_REWRITTEN, plan.manifests()).plus(Counter.BYTES_READ, plan.bytes());
    }

    private String describe() {
        return "%d of %d data manifests, which name %d live files%s"
                .formatted(
                        plan.manifests(),
                        plan.allManifests(),
                        plan.files(),
                        plan.backlog() == 0 ? "" : "; " + plan.backlog() + " more for a later run");
    }

    @Override
    public ActionResult execute() {
        return commit.once(this, this::committed);
    }

    @Override
    public SnapshotUpdate<?> on(Table table) {
        return table.rewriteManifests()
                .rewriteIf(manifest -> planned.contains(manifest.path()))
                .clusterBy(this::cluster);
    }

    private Object cluster(DataFile file) {
        if (subject.stop().stopped() || subject.stop().pastDeadline()) {
            throw new StoppedException();
        }
        return Objects.requireNonNull(clusters.get(file.specId()), "clusters").of(file);
    }

    @Override
    public CountedEntries.Intent intent() {
        return CountedEntries.Intent.taking(SnapshotRef.MAIN_BRANCH, plannedOn, List.of());
    }

    @Override
    public void rehearsed(TableMetadata base, Snapshot next) {
        stillThere(base);
    }

    @Override
    public void lastLook(TableMetadata base, Snapshot next) {
        stillThere(base);
        written = Manifests.writtenFor(next, subject.ops().io());
    }

    /** If a manifest was replaced meanwhile, what was rewritten of it is not what the table holds any more. */
    private void stillThere(TableMetadata base) {
        Set<String> missing = new HashSet<>(planned);
        Manifests.of(
                Ancestry.of(base),
                base.currentSnapshot(),
                subject.ops().io(),
                manifest -> missing.remove(manifest.path()));
        if (!missing.isEmpty()) {
            throw new ValidationException(
                    "%s of the manifests were replaced meanwhile, for example %s",
                    missing.size(), missing.iterator().next());
        }
    }

    private ActionResult committed(long snapshotId) {
        int manifests = written.size() - 1;
        return commit.landed(
                Reason.MANIFESTS_REWRITTEN,
                describe() + "; proved that every entry is as it was",
                effect().plus(Counter.MANIFESTS_WRITTEN, manifests).plus(Counter.FILES_STAGED, written.size()),
                written,
                snapshotId);
    }
}
