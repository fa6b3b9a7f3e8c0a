package io.sink.storage;

import io.sink.table.TableFile;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an expiry is about to do to a table. It is written to the table's own storage first, so that a later run on any
 * host can finish or drop it.
 *
 * @param runId the run that wrote it
 * @param host the host that the run was on
 * @param writtenAt when it was written
 * @param snapshotIds the snapshots that were to expire
 * @param main the snapshot that {@code main} pointed to; null if there was no {@code main}. If it is gone later,
 *     nothing may be deleted
 * @param files the files to delete once the snapshots have expired
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
