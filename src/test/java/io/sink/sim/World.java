package io.sink.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/** One table in one catalog and one store, what other writers do to it, and what must be true of it. */
final class World {
    private static final String MAIN = SnapshotRef.MAIN_BRANCH;

    /** The world's time. */
    static final class Time implements InstantSource {
        private Instant now = Instant.now();

        @Override
        public synchronized Instant instant() {
            return now;
        }

        synchronized void pass(Duration time) {
            now = now.plus(time);
        }
    }

    /** A request of a dead process. */
    private record Late(String what, Runnable effect) {}

    final Time clock = new Time();
    final Store store = new Store(this);
    private final Writers writers;
    private final List<Late> late = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    /** The rows of each snapshot that was ever committed: the values by their ids. */
    private final Map<Long, Map<Long, String>> ledger = new HashMap<>();
    /** Every file that a table of this UUID ever reached, but metadata files. */
    private final Set<String> reached = new HashSet<>();

    /** UUIDs of tables that were dropped. */
    private final Set<String> dropped = new HashSet<>();
    /** The files of each snapshot. */
    private final Map<Long, Set<String>> files = new HashMap<>();
    /** Snapshots whose rows were found to be right. */
    private final Set<Long> right = new HashSet<>();
    /** What tables reached that were dropped; nobody may know that they are gone. */
    private final Set<String> abandoned = new HashSet<>();

    private @Nullable String pointer;
    private @Nullable TableMetadata metadata;

    World(long seed) {
        this.writers = new Writers(this, seed);
        writers.create();
    }

    List<String> violations() {
        return violations;
    }

    @Nullable
    String pointer() {
        return pointer;
    }

    void violated(String what) {
        violations.add(what);
    }

    /** Points to new metadata if the old is still the newest. */
    synchronized boolean swap(Process process, @Nullable String expected, String location, TableMetadata next) {
        if (!Objects.equals(pointer, expected)) {
            return false;
        }
        for (Snapshot snapshot : next.snapshots()) {
            if (!ledger.containsKey(snapshot.snapshotId())) {
                process.landed.add(snapshot.snapshotId());
                Map<Long, String> has = process == writers.process() ? writers.rows() : ledger.get(snapshot.parentId());
                ledger.put(snapshot.snapshotId(), has == null ? Map.of() : Map.copyOf(has));
            }
        }
        if (process != writers.process() && metadata != null) {
            judge(process, metadata, next);
        }
        pointer = location;
        metadata = next;
        return true;
    }

    /** What a commit of the program may not change. */
    private void judge(Process process, TableMetadata before, TableMetadata next) {
        before.refs().forEach((name, ref) -> {
            SnapshotRef now = next.refs().get(name);
            boolean same = now != null && now.snapshotId() == ref.snapshotId() && now.type() == ref.type();
            boolean rewritten = now != null
                    && name.equals(MAIN)
                    && Objects.equals(next.snapshot(now.snapshotId()).parentId(), ref.snapshotId());
            if (!same && !rewritten) {
                violated(process.name + " changed " + name + " from " + ref + " to " + now);
            }
        });
        if (!before.uuid().equals(next.uuid())
                || before.currentSchemaId() != next.currentSchemaId()
                || before.defaultSpecId() != next.defaultSpecId()
                || !before.properties().equals(next.properties())) {
            violated(process.name + " changed the table itself");
        }
    }

    void later(String what, Runnable effect) {
        late.add(new Late(what, effect));
    }

    /** Carries out what dead processes asked for. */
    List<String> deliver() {
        List<String> delivered = new ArrayList<>();
        for (Late request : List.copyOf(late)) {
            late.remove(request);
            try {
                request.effect().run();
                delivered.add(request.what());
            } catch (RuntimeException e) {
                delivered.add(request.what() + ": " + e.getMessage());
            }
        }
        return delivered;
    }

    BaseTable table(Process process) {
        return new BaseTable(new Operations(this, process), "sim.t");
    }

    /** The rows of a snapshot. */
    Map<Long, String> rows(Snapshot snapshot) {
        return ledger.getOrDefault(snapshot.snapshotId(), Map.of());
    }

    /** Drops the table, and none of its files. */
    void drop() {
        needed();
        abandoned.addAll(reached);
        dropped.add(table(writers.process()).uuid().toString());
        reached.clear();
        pointer = null;
        metadata = null;
    }

    /** Another writer does something; what it did. */
    String meanwhile() {
        try {
            return writers.act();
        } catch (IOException | RuntimeException e) {
            violated("another writer cannot work: " + e);
            return e.toString();
        }
    }

    /** Every file that the table needs, but metadata files. */
    Set<String> needed() {
        Set<String> needed = new TreeSet<>();
        BaseTable table = table(writers.process());
        FileIO io = table.io();
        for (Snapshot snapshot : table.snapshots()) {
            needed.addAll(files.computeIfAbsent(snapshot.snapshotId(), id -> files(snapshot, io, table.specs())));
        }
        reached.addAll(needed);
        return needed;
    }

    private static Set<String> files(Snapshot snapshot, FileIO io, Map<Integer, PartitionSpec> specs) {
        Set<String> needed = new TreeSet<>();
        needed.add(snapshot.manifestListLocation());
        for (ManifestFile manifest : snapshot.allManifests(io)) {
            needed.add(manifest.path());
            read(manifest, io, specs, needed);
        }
        return needed;
    }

    private static void read(ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs, Set<String> needed) {
        try (CloseableIterable<? extends ContentFile<?>> files = manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, io, specs)
                : ManifestFiles.readDeleteManifest(manifest, io, specs)) {
            for (ContentFile<?> file : files) {
                needed.add(file.location());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every snapshot has its files and its rows. */
    void check(String when) {
        Set<String> needed;
        try {
            needed = needed();
        } catch (RuntimeException e) {
            violated(when + ": metadata cannot be read: " + e);
            return;
        }
        for (String file : needed) {
            if (!store.has(file)) {
                violated(when + ": " + file + " is needed, and gone");
            }
        }
        BaseTable table = table(writers.process());
        for (Snapshot snapshot : table.snapshots()) {
            // No object changes, so that its rows stay what they are.
            if (right.contains(snapshot.snapshotId())) {
                continue;
            }
            Map<Long, String> found = new TreeMap<>();
            int count = 0;
            try (CloseableIterable<Record> read = IcebergGenerics.read(table)
                    .useSnapshot(snapshot.snapshotId())
                    .select("id", "name")
                    .where(Expressions.alwaysTrue())
                    .build()) {
                for (Record record : read) {
                    found.put((Long) record.getField("id"), (String) record.getField("name"));
                    count++;
                }
            } catch (IOException | RuntimeException e) {
                violated(when + ": snapshot " + snapshot.snapshotId() + " cannot be read: " + e);
                continue;
            }
            Map<Long, String> must = ledger.get(snapshot.snapshotId());
            if (!found.equals(must) || count != found.size()) {
                violated(when + ": snapshot " + snapshot.snapshotId() + " of " + snapshot.operation() + " has " + count
                        + " rows " + found + " in place of " + must);
            } else {
                right.add(snapshot.snapshotId());
            }
        }
    }

    /** Whether a dropped table may still need a file, as far as anybody can tell: its metadata is still there. */
    boolean isOfDropped(String file) {
        return abandoned.contains(file) || dropped.stream().anyMatch(file::contains);
    }

    /** Files that the table once needed and needs no more. */
    Set<String> unneeded() {
        Set<String> gone = new TreeSet<>(reached);
        gone.removeAll(needed());
        gone.removeIf(file -> !store.has(file));
        return gone;
    }
}
