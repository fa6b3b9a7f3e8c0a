package io.sink.table;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.PlaintextEncryptionManager;
import org.jspecify.annotations.Nullable;

/** Whether the manifests of a snapshot may be rewritten: what this version does not know is not changed. */
public final class Rewritable {
    private static final int NEWEST_FORMAT = 3;

    private Rewritable() {}

    /**
     * Why the manifests may not be rewritten; null if they may.
     *
     * @throws RuntimeException if the manifest list cannot be read
     */
    public static @Nullable ActionResult refusal(TableOperations ops, Snapshot snapshot) {
        TableMetadata metadata = ops.current();
        if (metadata.formatVersion() > NEWEST_FORMAT) {
            return ActionResult.of(
                    Reason.UNSUPPORTED_FORMAT,
                    "format version %d; 1 to %d are supported".formatted(metadata.formatVersion(), NEWEST_FORMAT));
        }
        if (!(ops.encryption() instanceof PlaintextEncryptionManager) || snapshot.keyId() != null) {
            return ActionResult.of(Reason.ENCRYPTED, "the table is encrypted");
        }
        List<ManifestFile> manifests = new ArrayList<>();
        Manifests.of(Ancestry.of(metadata), snapshot, ops.io(), manifests::add);
        return manifests.stream()
                .filter(manifest -> manifest.keyMetadata() != null)
                .findFirst()
                .map(manifest -> ActionResult.of(Reason.ENCRYPTED, "key metadata on manifest " + manifest.path()))
                .orElse(null);
    }
}
