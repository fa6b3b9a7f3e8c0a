package io.sink.commit;

import io.sink.storage.AnnouncingFileIO;
import io.sink.storage.Locations;
import io.sink.table.Ancestry;
import io.sink.table.DelegatingOperations;
import io.sink.table.Manifests;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.CleanableFailure;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.jspecify.annotations.Nullable;

/**
 * A table on which a snapshot is committed once, and every answer is settled before Iceberg's producer hears it.
 *
 * <p>The producer would retry a conflict and, on a failure, delete its manifest list before its caller learns of it. So
 * the truth must be found in here: what landed returns normally, a lost race is a failure that is never retried, and an
 * unknown state is {@link CommitStateUnknownException}, on which nothing is deleted.
 *
 * @ref LLP 0006#one-attempt
 */
public final class SettlingOperations extends DelegatingOperations {

    /** Another writer won. The producer deletes its manifests and does not try again. */
    public static final class LostRaceException extends RuntimeException implements CleanableFailure {
        private static final long serialVersionUID = 1L;

        LostRaceException(RuntimeException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private final TableOperations ops;
    private final Consumer<String> announceMetadata;
    private final BiConsumer<TableMetadata, Snapshot> beforeSending;
    private long readAt = System.nanoTime();
    private long windowMillis;
    private boolean merging = true;
    private boolean sent;
    private @Nullable Long snapshotId;
    private @Nullable CommitResult result;

    /**
     * @param announce receives the location of every manifest and manifest list before it is created
     * @param announceMetadata receives the location of the metadata file before it is created, if the catalog's client
     *     creates it
     * @param beforeSending is given the metadata that the commit builds on and the snapshot that it adds, right before
     *     the request; if it throws, nothing is sent
     */
    public SettlingOperations(
            TableOperations ops,
            Consumer<String> announce,
            Consumer<String> announceMetadata,
            BiConsumer<TableMetadata, Snapshot> beforeSending) {
        super(
                ops,
                new AnnouncingFileIO(
                        ops.io(),
                        Locations.of(ops.current(), ops.io()),
                        announce,
                        PlainManifests.of(ops.io(), ops.current())));
        this.ops = ops;
        this.announceMetadata = announceMetadata;
        this.beforeSending = beforeSending;
    }

    /** Whether the request was sent at all; if not, nothing can have landed. */
    public boolean sent() {
        return sent;
    }

    /** The snapshot that was sent, or null. */
    public @Nullable Long snapshotId() {
        return snapshotId;
    }

    /** How the one attempt ended, or null if it was never made. */
    public @Nullable CommitResult result() {
        return result;
    }

    /** Milliseconds from when the table was read for the commit to the catalog's answer; 0 if nothing was sent. */
    public long windowMillis() {
        return windowMillis;
    }

    /**
     * Makes an update that merges no manifests, whatever the table's properties say: Iceberg reads them when an update
     * is made.
     */
    <T> T withoutMerging(Supplier<T> making) {
        merging = false;
        try {
            return making.get();
        } finally {
            merging = true;
        }
    }

    @Override
    public TableMetadata current() {
        TableMetadata now = super.current();
        return merging
                ? now
                : TableMetadata.buildFrom(now)
                        .setProperties(Map.of(TableProperties.MANIFEST_MERGE_ENABLED, "false"))
                        .build();
    }

    @Override
    public TableMetadata refresh() {
        readAt = System.nanoTime();
        return super.refresh();
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        if (sent) {
            throw new IllegalStateException("a second commit attempt");
        }
        Snapshot snapshot = addedSnapshot(metadata);
        long added = snapshot.snapshotId();
        beforeSending.accept(base, snapshot);
        sent = true;
        snapshotId = added;
        CommitResult ended = Committer.commit(ops, base, metadata, now -> landed(base, now, added), announceMetadata);
        result = ended;
        windowMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - readAt);
        if (ended instanceof CommitResult.Conflict lost) {
            throw new LostRaceException(lost.cause());
        }
        if (ended instanceof CommitResult.Rejected refused) {
            throw refused.cause();
        }
        if (ended instanceof CommitResult.Gone gone) {
            throw new CommitStateUnknownException(gone.cause());
        }
        if (ended instanceof CommitResult.Unknown unknown) {
            throw unknown.cause() instanceof CommitStateUnknownException already
                    ? already
                    : new CommitStateUnknownException(unknown.cause());
        }
    }

    /**
     * Whether the snapshot is there, or others have built on it. They may have expired it since: what is left of it are
     * the manifests that they took over, and a producer that believed it lost would delete those.
     */
    private boolean landed(TableMetadata base, TableMetadata now, long added) {
        return now.snapshot(added) != null
                || now.snapshots().stream()
                        .filter(snapshot -> base.snapshot(snapshot.snapshotId()) == null)
                        .anyMatch(snapshot -> builtOn(now, snapshot, added));
    }

    private boolean builtOn(TableMetadata now, Snapshot snapshot, long added) {
        if (Objects.equals(snapshot.parentId(), added)) {
            return true;
        }
        AtomicBoolean tookOver = new AtomicBoolean();
        Manifests.of(Ancestry.of(now), snapshot, ops.io(), manifest -> {
            if (Objects.equals(manifest.snapshotId(), added)) {
                tookOver.set(true);
            }
        });
        return tookOver.get();
    }

    private static Snapshot addedSnapshot(TableMetadata metadata) {
        return metadata.changes().stream()
                .filter(MetadataUpdate.AddSnapshot.class::isInstance)
                .map(change -> ((MetadataUpdate.AddSnapshot) change).snapshot())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a commit without a snapshot"));
    }
}
