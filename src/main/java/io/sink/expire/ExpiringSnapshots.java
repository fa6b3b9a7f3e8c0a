package io.sink.expire;

import java.time.Instant;
import java.util.Set;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/** Tells which snapshots a policy would expire, for other actions to show. Guards are not considered. */
public final class ExpiringSnapshots {
    private ExpiringSnapshots() {}

    /**
     * The ids of the snapshots that an expiry would take out of the table now.
     *
     * @throws IllegalArgumentException if a table property is not a number
     */
    public static Set<Long> of(ExpirePolicy policy, TableMetadata metadata, Instant now, FileIO io) {
        if (metadata.snapshots().isEmpty()) {
            return Set.of();
        }
        TableMetadata after = Retention.of(policy, metadata, now).applyTo(metadata, io);
        return ExpiryTarget.between(metadata, after).snapshotIds();
    }
}
