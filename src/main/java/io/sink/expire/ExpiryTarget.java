package io.sink.expire;

import io.sink.text.Human;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What an expiry takes out of a table's metadata.
 *
 * @param snapshotIds snapshots that go
 * @param refs branches and tags that go
 */
record ExpiryTarget(Set<Long> snapshotIds, Set<String> refs) {
    private static final int MOST_IDS = 5;

    ExpiryTarget {
        snapshotIds = new TreeSet<>(snapshotIds);
        refs = new TreeSet<>(refs);
    }

    /** What is in {@code before} and not in {@code after}. */
    static ExpiryTarget between(TableMetadata before, TableMetadata after) {
        Set<Long> staying = ids(after);
        return new ExpiryTarget(
                ids(before).stream().filter(id -> !staying.contains(id)).collect(Collectors.toSet()),
                before.refs().keySet().stream()
                        .filter(ref -> after.ref(ref) == null)
                        .collect(Collectors.toSet()));
    }

    private static Set<Long> ids(TableMetadata metadata) {
        return metadata.snapshots().stream().map(Snapshot::snapshotId).collect(Collectors.toSet());
    }

    boolean isEmpty() {
        return snapshotIds.isEmpty() && refs.isEmpty();
    }

    /** What both take out. */
    ExpiryTarget and(ExpiryTarget other) {
        return new ExpiryTarget(
                snapshotIds.stream().filter(other.snapshotIds::contains).collect(Collectors.toSet()),
                refs.stream().filter(other.refs::contains).collect(Collectors.toSet()));
    }

    /**
     * The metadata without what this takes out.
     *
     * <p>A snapshot that a staying ref points to stays.
     *
     * @ref LLP 0006#expire-sequence
     */
    TableMetadata takeFrom(TableMetadata metadata) {
        Set<Long> needed = metadata.refs().entrySet().stream()
                .filter(ref -> !refs.contains(ref.getKey()))
                .map(ref -> ref.getValue().snapshotId())
                .collect(Collectors.toSet());
        TableMetadata.Builder without = TableMetadata.buildFrom(metadata);
        refs.stream().filter(ref -> metadata.ref(ref) != null).forEach(without::removeRef);
        without.removeSnapshots(
                snapshotIds.stream().filter(id -> !needed.contains(id)).toList());
        return without.build();
    }

    /**
     * What goes, in a phrase for a person: how many snapshots with the ids of the first, from when to when, and each
     * branch and tag.
     */
    String describe(TableMetadata metadata) {
        List<Snapshot> going = metadata.snapshots().stream()
                .filter(snapshot -> snapshotIds.contains(snapshot.snapshotId()))
                .sorted(Comparator.comparingLong(Snapshot::timestampMillis))
                .toList();
        List<String> parts = new ArrayList<>();
        if (!going.isEmpty()) {
            String ids = going.stream()
                    .limit(MOST_IDS)
                    .map(snapshot -> Long.toString(snapshot.snapshotId()))
                    .collect(Collectors.joining(", "));
            Instant first = Instant.ofEpochMilli(going.get(0).timestampMillis());
            Instant last = Instant.ofEpochMilli(going.get(going.size() - 1).timestampMillis());
            parts.add("%d of %s, of %s%s (%s%s)"
                    .formatted(
                            going.size(),
                            Human.count(metadata.snapshots().size(), "snapshot"),
                            first,
                            last.equals(first) ? "" : " to " + last,
                            ids,
                            going.size() > MOST_IDS ? " and " + (going.size() - MOST_IDS) + " more" : ""));
        }
        refs.forEach(name -> {
            SnapshotRef ref = metadata.ref(name);
            if (ref != null) {
                parts.add((ref.isBranch() ? "branch " : "tag ") + name);
            }
        });
        return String.join(", ", parts);
    }

    /** Whether nothing of it is in the metadata any more. */
    boolean goneFrom(TableMetadata metadata) {
        return snapshotIds.stream().allMatch(id -> metadata.snapshot(id) == null)
                && refs.stream().map(metadata::ref).noneMatch(Objects::nonNull);
    }

    /** A ref of the metadata that points to a snapshot which is not in it, or null. */
    static @Nullable String danglingRef(TableMetadata metadata) {
        return metadata.refs().entrySet().stream()
                .filter(ref -> metadata.snapshot(ref.getValue().snapshotId()) == null)
                .map(ref -> ref.getKey() + " -> " + ref.getValue().snapshotId())
                .findFirst()
                .orElse(null);
    }

    static @Nullable Long main(TableMetadata metadata) {
        SnapshotRef main = metadata.ref(SnapshotRef.MAIN_BRANCH);
        return main == null ? null : main.snapshotId();
    }
}
