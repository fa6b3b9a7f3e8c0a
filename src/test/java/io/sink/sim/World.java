package io.sink.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.PathTable;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.function.IntFunction;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/** One table in one catalog and one store, what other writers do to it, and what must be true of it. */
final class World {
    private static final String MAIN = SnapshotRef.MAIN_BRANCH;

    private static final Duration SOON = Duration.ofHours(20);
    private static final Schema ROWS = new Schema(PathTable.SCHEMA.columns().subList(0, 2));
    private static final Schema WITH_LINEAGE = MetadataColumns.schemaWithRowLineage(ROWS);
    private static final ObjectMapper JSON = new ObjectMapper();

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

    /** By snapshot and id of the row: its lineage, where the table has it. */
    private final Map<Long, Map<Long, String>> lineage = new HashMap<>();
    /** Snapshots that the program made. */
    private final Set<Long> rewritten = new HashSet<>();
    /** What is named in each manifest. */
    private final Map<String, Set<String>> named = new HashMap<>();

    private boolean overslept;
    private IntFunction<List<String>> rival = number -> List.of();

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
                if (process != writers.process()) {
                    rewritten.add(snapshot.snapshotId());
                }
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

    /** Whether a process slept within a request for longer than others wait before they tidy up after it. */
    boolean overslept() {
        return overslept;
    }

    /** What another run of the program does, given a number from which all is drawn; what it did. */
    void rival(IntFunction<List<String>> run) {
        rival = run;
    }

    /** Others do something while a process waits; what they did. */
    List<String> meanwhile(Fault fault, int number) {
        List<String> did = new ArrayList<>();
        if (fault == Fault.SLEEP) {
            Duration slept = Duration.ofHours(1 + number % 100);
            clock.pass(slept);
            overslept |= slept.compareTo(SOON) > 0;
            did.add("sleeps for " + slept);
        }
        if (fault != Fault.RIVAL) {
            did.add(meanwhile());
        }
        if (fault != Fault.MEANWHILE) {
            did.addAll(rival.apply(number));
        }
        return did;
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

    private Set<String> files(Snapshot snapshot, FileIO io, Map<Integer, PartitionSpec> specs) {
        Set<String> needed = new TreeSet<>();
        needed.add(snapshot.manifestListLocation());
        for (ManifestFile manifest : snapshot.allManifests(io)) {
            needed.add(manifest.path());
            needed.addAll(named.computeIfAbsent(manifest.path(), path -> read(manifest, io, specs)));
        }
        return needed;
    }

    private static Set<String> read(ManifestFile manifest, FileIO io, Map<Integer, PartitionSpec> specs) {
        Set<String> needed = new TreeSet<>();
        try (CloseableIterable<? extends ContentFile<?>> files = manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, io, specs)
                : ManifestFiles.readDeleteManifest(manifest, io, specs)) {
            for (ContentFile<?> file : files) {
                needed.add(file.location());
            }
            return needed;
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
            try {
                check(when, table, snapshot);
            } catch (IOException | RuntimeException e) {
                violated(when + ": snapshot " + snapshot.snapshotId() + " cannot be read: " + e);
            }
        }
    }

    private void check(String when, BaseTable table, Snapshot snapshot) throws IOException {
        String name = when + ": snapshot " + snapshot.snapshotId() + " of " + snapshot.operation();
        boolean hasLineage = TableUtil.supportsRowLineage(table);
        Map<Long, String> found = new TreeMap<>();
        Map<Long, String> origins = new TreeMap<>();
        int count = 0;
        try (CloseableIterable<Record> read = IcebergGenerics.read(table)
                .useSnapshot(snapshot.snapshotId())
                .project(hasLineage ? WITH_LINEAGE : ROWS)
                .build()) {
            for (Record record : read) {
                Long id = record.get(0, Long.class);
                found.put(id, record.get(1, String.class));
                if (hasLineage && record.get(2) != null) {
                    origins.put(id, record.get(2) + " of " + record.get(3));
                }
                count++;
            }
        }
        Map<Long, String> must = ledger.getOrDefault(snapshot.snapshotId(), Map.of());
        if (!found.equals(must) || count != found.size()) {
            violated(name + " has " + count + " rows " + found + " in place of " + must);
            return;
        }
        Map<Long, String> before = lineage.get(snapshot.parentId());
        if (rewritten.contains(snapshot.snapshotId()) && before != null) {
            before.forEach((id, origin) -> {
                if (!origin.equals(origins.get(id))) {
                    violated(name + ": row " + id + " is row " + origins.get(id) + " in place of " + origin);
                }
            });
        }
        lineage.put(snapshot.snapshotId(), origins);
        right.add(snapshot.snapshotId());
    }

    /**
     * What a reader sees that shares no code with Iceberg: all snapshots again, with their rows.
     *
     * @param folder where the objects are put as files
     */
    void readAgain(Path folder) throws IOException {
        Map<String, Path> files = new HashMap<>();
        for (Map.Entry<String, Store.Stored> object : store.objects().entrySet()) {
            Path file = folder.resolve(object.getKey().replaceFirst("^s3://", ""));
            Files.createDirectories(file.getParent());
            Files.write(file, object.getValue().bytes());
            files.put(object.getKey(), file);
        }
        SecondReader reader = SecondReader.of(
                Objects.requireNonNull(files.get(Objects.requireNonNull(pointer))),
                location -> files.getOrDefault(location, folder.resolve("missing")));
        for (SecondReader.Snapshot snapshot : reader.snapshots()) {
            Map<Long, String> found = new TreeMap<>();
            List<String> rows = reader.rows(snapshot.id());
            for (String row : rows) {
                JsonNode json = JSON.readTree(row);
                found.put(json.get("id").asLong(), json.get("name").asText());
            }
            if (!found.equals(ledger.get(snapshot.id())) || rows.size() != found.size()) {
                violated("the second reader sees in snapshot " + snapshot.id() + " rows " + rows + " in place of "
                        + ledger.get(snapshot.id()));
            }
        }
    }

    /** Whether a table was dropped at this place. */
    boolean hasDropped() {
        return !dropped.isEmpty();
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
