package io.sink.inspect;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a table, youngest first, and what each holds.
 *
 * @param entries one for each snapshot
 */
public record SnapshotHistory(List<Entry> entries) {
    public SnapshotHistory {
        entries = List.copyOf(entries);
    }

    /**
     * A snapshot.
     *
     * @param parentId the one that it was written upon, or null
     * @param operation what its writer says that it did; empty if it does not say
     * @param refs branches and tags that point to it
     * @param dataFiles data files according to its summary; null if its writer gave none
     * @param records rows according to its summary, or null
     * @param aloneFiles data and delete files that no other snapshot reaches; null if there are too many to tell, or if
     *     a snapshot cannot be read
     * @param aloneBytes their total length in bytes, or null
     * @param unreadable what of its metadata is missing or damaged, or null
     */
    public record Entry(
            long id,
            @Nullable Long parentId,
            Instant committedAt,
            String operation,
            List<String> refs,
            @Nullable Long dataFiles,
            @Nullable Long records,
            @Nullable Long aloneFiles,
            @Nullable Long aloneBytes,
            @Nullable String unreadable) {}

    /**
     * Reads every manifest once.
     *
     * @throws RuntimeException if the storage cannot be reached
     */
    public static SnapshotHistory of(TableMetadata metadata, FileIO io) {
        Map<Long, List<String>> refs = new HashMap<>();
        metadata.refs()
                .forEach((name, ref) -> refs.computeIfAbsent(ref.snapshotId(), any -> new ArrayList<>())
                        .add(name));
        Map<Long, String> unreadable = new HashMap<>();
        Map<Long, RetainedBytes.Amount> alone =
                new RetainedBytes(metadata, io, Instant.EPOCH, () -> {}).bySnapshot(unreadable);
        return new SnapshotHistory(metadata.snapshots().stream()
                .sorted(Comparator.comparingLong(Snapshot::timestampMillis)
                        .thenComparingLong(Snapshot::sequenceNumber)
                        .reversed())
                .map(snapshot -> entry(
                        snapshot,
                        refs.getOrDefault(snapshot.snapshotId(), List.of()),
                        alone == null ? null : alone.get(snapshot.snapshotId()),
                        unreadable.get(snapshot.snapshotId())))
                .toList());
    }

    private static Entry entry(
            Snapshot snapshot, List<String> refs, RetainedBytes.@Nullable Amount alone, @Nullable String unreadable) {
        return new Entry(
                snapshot.snapshotId(),
                snapshot.parentId(),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                snapshot.operation() == null ? "" : snapshot.operation(),
                refs.stream().sorted().toList(),
                said(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP),
                said(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP),
                alone == null ? null : alone.files(),
                alone == null ? null : alone.bytes(),
                unreadable);
    }

    /** A figure of the summary, if its writer gave one. */
    private static @Nullable Long said(Snapshot snapshot, String property) {
        String value = snapshot.summary() == null ? null : snapshot.summary().get(property);
        try {
            return value == null ? null : Long.valueOf(value);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
