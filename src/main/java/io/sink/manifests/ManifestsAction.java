package io.sink.manifests;

import io.sink.action.Action;
import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.Subject;
import io.sink.commit.SnapshotCommit;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.Manifests;
import io.sink.table.Rewritable;
import io.sink.text.Human;
import java.time.InstantSource;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;

/**
 * Rewrites many small manifests of {@code main} into few, and no data.
 *
 * @ref LLP 0015#manifests
 */
public final class ManifestsAction implements Action<ManifestsPolicy> {
    private final InstantSource clock;
    private final String version;

    /** @param version of the program, for the snapshot's summary */
    public ManifestsAction(InstantSource clock, String version) {
        this.clock = clock;
        this.version = version;
    }

    @Override
    public ActionName name() {
        return ActionName.REWRITE_MANIFESTS;
    }

    @Override
    public Decision plan(Subject subject, ManifestsPolicy policy) {
        return Decision.afterReading(() -> look(subject, policy));
    }

    private Decision look(Subject subject, ManifestsPolicy policy) {
        if (!policy.branch().value().equals(SnapshotRef.MAIN_BRANCH)) {
            return Decision.stay(
                    Reason.UNSUPPORTED_FEATURE,
                    "manifests of branch %s (%s): Iceberg rewrites those of main only"
                            .formatted(policy.branch().value(), policy.branch().source()));
        }
        TableMetadata metadata = subject.ops().refresh();
        Snapshot head = metadata.currentSnapshot();
        if (head == null) {
            return Decision.stay(Reason.NO_CURRENT_SNAPSHOT, "the table has no snapshot");
        }
        ActionResult refusal = Rewritable.refusal(subject.ops(), head);
        if (refusal != null) {
            return new Decision.Stay(refusal);
        }
        ManifestsPlan plan = new ManifestPlanner(metadata, subject.ops().io()).plan(head);
        Setting<Integer> least = least(policy, metadata);
        if (plan.small() < least.value()) {
            return Decision.stay(
                    Reason.BELOW_THRESHOLD,
                    "%d of %d data manifests are below 75 %% of %s, fewer than min-manifests %d (%s)"
                            .formatted(
                                    plan.small(),
                                    plan.allManifests(),
                                    Human.bytes(plan.targetBytes()),
                                    least.value(),
                                    least.source()));
        }
        if (plan.groups().isEmpty()) {
            return Decision.stay(
                    Reason.NOTHING_TO_REWRITE,
                    "%d small manifests of %d would not become fewer".formatted(plan.small(), plan.allManifests()));
        }
        // Nothing is planned from a manifest that is not whole.
        plan.groups()
                .forEach(group -> group.manifests()
                        .forEach(manifest ->
                                Manifests.liveFiles(manifest, subject.ops().io(), metadata.specsById(), file -> {})));
        return new Decision.Go(
                new ManifestsRewrite(subject, head.snapshotId(), plan, new SnapshotCommit(subject, version, clock)));
    }

    private static Setting<Integer> least(ManifestsPolicy policy, TableMetadata metadata) {
        if (policy.minManifests() != null) {
            return policy.minManifests();
        }
        String key = TableProperties.MANIFEST_MIN_MERGE_COUNT;
        return new Setting<>(
                metadata.propertyAsInt(key, TableProperties.MANIFEST_MIN_MERGE_COUNT_DEFAULT),
                metadata.properties().containsKey(key) ? "table property " + key : "Iceberg default");
    }
}
