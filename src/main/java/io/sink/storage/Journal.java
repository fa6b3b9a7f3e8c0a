package io.sink.storage;

import io.sink.table.TableFile;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run meant to do to a table, written into the table's own storage before it is done, so that a later run on any
 * host can finish or drop it.
 *
 * @param runId the run that wrote it
 * @param host the host that the run was on
 * @param writtenAt when it was written
 * @param snapshotIds the snapshots that were to expire
 * @param main the snapshot that {@code main} pointed to, or null; if {@code main} is gone later, nothing may be deleted
 * @param files what was to be deleted once they had
 */
public record Journal(
        String runId,
        String host,
        Instant writtenAt,
        List<Long> snapshotIds,
        @Nullable Long main,
        List<TableFile> files) {

    public Journal {
        snapshotIds = List.copyOf(snapshotIds);
        files = List.copyOf(files);
    }
}
