package io.sink.inspect;

import io.sink.outcome.Inspection.Pin;
import io.sink.outcome.Reason;
import io.sink.table.Failures;
import io.sink.table.Manifests;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Which ref holds which bytes: a file belongs to a ref if its snapshot reaches the file and that of no other ref does,
 * and to history if it is reached only by snapshots that no ref points to. Refs to one snapshot are one holder.
 */
final class RetainedBytes {
    private static final List<String> COLUMNS = List.of(DataFile.FILE_PATH.name(), DataFile.FILE_SIZE.name());

    /** About 100 bytes of memory each. */
    private static final int MOST_FILES = 1_000_000;

    private static final int NOBODY = -1;
    private static final int SEVERAL = -2;

    private final TableMetadata metadata;
    private final FileIO io;
    private final Instant now;
    private final Runnable safePoint;
    private final Map<Long, Held> files = new HashMap<>();

    /** @param safePoint called before each manifest; what it throws ends the count */
    RetainedBytes(TableMetadata metadata, FileIO io, Instant now, Runnable safePoint) {
        this.safePoint = safePoint;
        this.metadata = metadata;
        this.io = io;
        this.now = now;
    }

    /** A file, and who holds it: the number of a holder, or one of the two above. */
    private static final class Held {
        private final long bytes;
        private int holder = NOBODY;

        Held(long bytes) {
            this.bytes = bytes;
        }
    }

    private static final class TooManyFiles extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** How many files one holder has, and their total length in bytes. */
    record Amount(long files, long bytes) {
        static final Amount NONE = new Amount(0, 0);

        Amount plus(long length) {
            return new Amount(files + 1, bytes + length);
        }
    }

    /**
     * What no other snapshot reaches, by the snapshot that does; null if there are too many files to tell, or if a
     * snapshot cannot be read.
     *
     * @param unreadable receives what is missing or damaged of each such snapshot, by its id
     */
    @Nullable
    Map<Long, Amount> bySnapshot(Map<Long, String> unreadable) {
        List<Snapshot> snapshots = metadata.snapshots();
        try {
            for (int holder = 0; holder < snapshots.size(); holder++) {
                try {
                    hold(List.of(snapshots.get(holder)), holder, false);
                } catch (RuntimeException e) {
                    if (!isOfTheFile(e)) {
                        throw e;
                    }
                    unreadable.put(snapshots.get(holder).snapshotId(), Failures.message(e));
                }
            }
        } catch (TooManyFiles e) {
            return null;
        }
        if (!unreadable.isEmpty()) {
            return null;
        }
        Map<Long, Amount> amounts = new HashMap<>();
        snapshots.forEach(snapshot -> amounts.put(snapshot.snapshotId(), Amount.NONE));
        files.values().stream()
                .filter(file -> file.holder >= 0)
                .forEach(file -> amounts.computeIfPresent(
                        snapshots.get(file.holder).snapshotId(), (id, amount) -> amount.plus(file.bytes)));
        return amounts;
    }

    /** Whether a file is missing or damaged, and not the storage out of reach. */
    private static boolean isOfTheFile(RuntimeException e) {
        Reason reason = Failures.reason(e, Reason.METADATA_UNREADABLE);
        return !(e instanceof TooManyFiles) && (reason == Reason.MISSING_FILE || reason == Reason.METADATA_UNREADABLE);
    }

    /** What each ref holds, the most first; null if there are too many files to tell. */
    @Nullable
    List<Pin> pins() {
        Map<Long, List<String>> refs = new LinkedHashMap<>();
        metadata.refs().keySet().stream()
                .sorted(Comparator.comparing((String ref) -> !ref.equals(SnapshotRef.MAIN_BRANCH))
                        .thenComparing(Comparator.naturalOrder()))
                .forEach(ref -> refs.computeIfAbsent(metadata.ref(ref).snapshotId(), any -> new ArrayList<>())
                        .add(ref));
        List<Long> holders = new ArrayList<>(refs.keySet());
        try {
            for (int holder = 0; holder < holders.size(); holder++) {
                hold(List.of(metadata.snapshot(holders.get(holder))), holder, false);
            }
            hold(
                    metadata.snapshots().stream()
                            .filter(snapshot -> !refs.containsKey(snapshot.snapshotId()))
                            .toList(),
                    holders.size(),
                    true);
        } catch (TooManyFiles e) {
            return null;
        }
        long[] count = new long[holders.size() + 1];
        long[] bytes = new long[holders.size() + 1];
        files.values().stream().filter(file -> file.holder >= 0).forEach(file -> {
            count[file.holder]++;
            bytes[file.holder] += file.bytes;
        });
        List<Pin> pins = new ArrayList<>();
        for (int holder = 0; holder < holders.size(); holder++) {
            pins.add(pin(
                    refs.getOrDefault(holders.get(holder), List.of()),
                    holders.get(holder),
                    count[holder],
                    bytes[holder]));
        }
        pins.add(new Pin(null, "history", null, oldest(), count[holders.size()], bytes[holders.size()]));
        pins.sort(Comparator.comparingLong(Pin::bytes).reversed());
        return pins;
    }

    /** History comes last and takes only what no ref has. */
    private void hold(List<Snapshot> snapshots, int holder, boolean history) {
        Set<String> seen = new HashSet<>();
        for (Snapshot snapshot : snapshots) {
            List<ManifestFile> named = new ArrayList<>();
            Manifests.counted(snapshot, io, named::add);
            for (ManifestFile manifest : named) {
                if (seen.add(manifest.path())) {
                    safePoint.run();
                    Manifests.liveFiles(
                            manifest,
                            io,
                            metadata.specsById(),
                            COLUMNS,
                            file -> hold(file.location(), file.fileSizeInBytes(), holder, history));
                }
            }
        }
    }

    private void hold(String path, long bytes, int holder, boolean history) {
        Held file = files.computeIfAbsent(hash(path), any -> new Held(bytes));
        if (files.size() > MOST_FILES) {
            throw new TooManyFiles();
        }
        if (file.holder == NOBODY) {
            file.holder = holder;
        } else if (file.holder != holder && !history) {
            file.holder = SEVERAL;
        }
    }

    private Pin pin(List<String> names, long snapshotId, long count, long bytes) {
        boolean branch = names.stream().anyMatch(name -> metadata.ref(name).isBranch());
        return new Pin(
                String.join(", ", names),
                branch ? "branch" : "tag",
                snapshotId,
                age(metadata.snapshot(snapshotId)),
                count,
                bytes);
    }

    private long oldest() {
        return metadata.snapshots().stream().mapToLong(this::age).max().orElse(0);
    }

    private long age(Snapshot snapshot) {
        return Math.max(
                0,
                Duration.between(Instant.ofEpochMilli(snapshot.timestampMillis()), now)
                        .toDays());
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
