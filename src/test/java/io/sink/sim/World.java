package io.sink.sim;

import io.sink.rows.RowFiles;
import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
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
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** One table in one catalog and one store, what other writers do to it, and what must be true of it. */
final class World {
    private static final Schema SCHEMA = PathTable.SCHEMA;
    private static final String LOCATION = "s3://lake/t";
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
    private final Random random;
    private final Process others = new Process("others", this, Map.of());
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
    private Map<Long, String> rows = new TreeMap<>();
    private long nextId;
    private int names;

    World(long seed) {
        this.random = new Random(seed);
        create();
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

    // ---- the catalog

    /** Points to new metadata if the old is still the newest. */
    synchronized boolean swap(Process process, @Nullable String expected, String location, TableMetadata next) {
        if (!Objects.equals(pointer, expected)) {
            return false;
        }
        for (Snapshot snapshot : next.snapshots()) {
            if (!ledger.containsKey(snapshot.snapshotId())) {
                process.landed.add(snapshot.snapshotId());
                Map<Long, String> has = process == others ? rows : ledger.get(snapshot.parentId());
                ledger.put(snapshot.snapshotId(), has == null ? Map.of() : Map.copyOf(has));
            }
        }
        if (process != others && metadata != null) {
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

    // ---- other writers

    BaseTable table(Process process) {
        return new BaseTable(new Operations(this, process), "sim.t");
    }

    private void create() {
        PartitionSpec spec = random.nextInt(3) == 0
                ? PartitionSpec.builderFor(SCHEMA).identity("name").build()
                : PartitionSpec.unpartitioned();
        Map<String, String> properties = new HashMap<>();
        properties.put("format-version", Integer.toString(2 + random.nextInt(2)));
        properties.put("commit.retry.num-retries", "0");
        if (random.nextInt(3) == 0) {
            properties.put("write.metadata.delete-after-commit.enabled", "true");
            properties.put("write.metadata.previous-versions-max", "2");
        }
        Operations operations = new Operations(this, others);
        operations.commit(
                null,
                TableMetadata.newTableMetadata(SCHEMA, spec, SortOrder.unsorted(), LOCATION, properties)
                        .withUUID());
        rows = new TreeMap<>();
    }

    /** Another writer does something; what it did. */
    String meanwhile() {
        try {
            return act(random.nextInt(100));
        } catch (IOException | RuntimeException e) {
            violated("another writer cannot work: " + e);
            return e.toString();
        }
    }

    private String act(int drawn) throws IOException {
        BaseTable table = table(others);
        Snapshot current = table.currentSnapshot();
        rows = current == null ? new TreeMap<>() : new TreeMap<>(ledger.get(current.snapshotId()));
        if (current == null || drawn < 35) {
            return append(table);
        }
        if (drawn < 47) {
            return deletePosition(table);
        }
        if (drawn < 55) {
            return deleteEqual(table);
        }
        if (drawn < 63) {
            return overwrite(table);
        }
        if (drawn < 70) {
            String name = "b" + names++;
            table.manageSnapshots().createBranch(name, any(table).snapshotId()).commit();
            return "branch " + name;
        }
        if (drawn < 76) {
            String name = "t" + names++;
            table.manageSnapshots().createTag(name, any(table).snapshotId()).commit();
            return "tag " + name;
        }
        if (drawn < 80) {
            List<String> names = table.refs().keySet().stream()
                    .filter(name -> !name.equals(MAIN))
                    .sorted()
                    .toList();
            if (names.isEmpty()) {
                return append(table);
            }
            String name = names.get(random.nextInt(names.size()));
            boolean branch = Objects.requireNonNull(table.refs().get(name)).isBranch();
            (branch
                            ? table.manageSnapshots().removeBranch(name)
                            : table.manageSnapshots().removeTag(name))
                    .commit();
            return "drop " + name;
        }
        if (drawn < 85) {
            Snapshot to = any(table);
            table.manageSnapshots().setCurrentSnapshot(to.snapshotId()).commit();
            return "roll back to " + to.snapshotId();
        }
        if (drawn < 90) {
            table.updateSchema()
                    .addColumn("c" + names++, Types.IntegerType.get())
                    .commit();
            return "add a column";
        }
        if (drawn < 93) {
            boolean partitioned = table.spec().isPartitioned();
            (partitioned
                            ? table.updateSpec().removeField("name")
                            : table.updateSpec().addField("name"))
                    .commit();
            return "change the spec";
        }
        if (drawn < 96) {
            table.updateProperties().set("format-version", "3").commit();
            return "upgrade";
        }
        needed();
        abandoned.addAll(reached);
        dropped.add(table.uuid().toString());
        reached.clear();
        pointer = null;
        metadata = null;
        create();
        return "drop and create anew, then " + act(0);
    }

    private Snapshot any(BaseTable table) {
        List<Snapshot> all = new ArrayList<>();
        table.snapshots().forEach(all::add);
        return all.get(random.nextInt(all.size()));
    }

    private List<Record> newRows(BaseTable table) {
        List<Record> records = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            Record record = GenericRecord.create(table.schema());
            long id = nextId++;
            String name = "n" + random.nextInt(2);
            record.setField("id", id);
            record.setField("name", name);
            records.add(record);
            rows.put(id, name);
        }
        return records;
    }

    private String append(BaseTable table) throws IOException {
        List<Record> records = newRows(table);
        new TableChanges(table).append(records);
        return "append " + ids(records);
    }

    private static List<Object> ids(List<Record> records) {
        return records.stream().map(record -> record.getField("id")).toList();
    }

    private @Nullable DataFile anyFile(BaseTable table) {
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort((one, other) -> one.location().compareTo(other.location()));
        return files.isEmpty() ? null : files.get(random.nextInt(files.size()));
    }

    private List<Long> idsIn(BaseTable table, DataFile file) throws IOException {
        List<Long> ids = new ArrayList<>();
        try (CloseableIterable<Record> read =
                RowFiles.written(table.io().newInputFile(file.location()), file.format(), RowFiles.schema(table))) {
            read.forEach(record -> ids.add((Long) record.getField("id")));
        }
        return ids;
    }

    private String deletePosition(BaseTable table) throws IOException {
        DataFile file = anyFile(table);
        if (file == null) {
            return append(table);
        }
        int position = random.nextInt((int) file.recordCount());
        Long id = idsIn(table, file).get(position);
        if (TableUtil.formatVersion(table) >= 3 && hasVector(table, file)) {
            return append(table);
        }
        rows.remove(id);
        commit(
                table,
                new TableChanges(table)
                        .writePositionDeletes(List.of(file), position)
                        .get(0));
        return "delete " + id + " by position";
    }

    private static void commit(BaseTable table, DeleteFile deletes) {
        table.newRowDelta()
                .addDeletes(deletes)
                .validateFromSnapshot(table.currentSnapshot().snapshotId())
                .commit();
    }

    private static boolean hasVector(BaseTable table, DataFile file) {
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                boolean has =
                        task.deletes().stream().anyMatch(delete -> delete.content() == FileContent.POSITION_DELETES);
                if (has && task.file().location().equals(file.location())) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String deleteEqual(BaseTable table) throws IOException {
        if (rows.isEmpty()) {
            return append(table);
        }
        List<Long> all = List.copyOf(rows.keySet());
        Long id = all.get(random.nextInt(all.size()));
        String name = Objects.requireNonNull(rows.remove(id));
        Schema key = table.schema().select("id");
        Record record = GenericRecord.create(key);
        record.setField("id", id);
        PartitionKey partition = new PartitionKey(table.spec(), table.schema());
        Record whole = GenericRecord.create(table.schema());
        whole.setField("id", id);
        whole.setField("name", name);
        partition.partition(new InternalRecordWrapper(table.schema().asStruct()).wrap(whole));
        // A delete of the newest spec is not one of files of another, unless it is of no partition.
        PartitionSpec global = table.specs().values().stream()
                .filter(PartitionSpec::isUnpartitioned)
                .findFirst()
                .orElse(null);
        boolean one = table.specs().size() == 1;
        if (!one && global == null) {
            return append(table);
        }
        commit(
                table,
                new TableChanges(table)
                        .writeEqualityDeletes(
                                List.of(record),
                                key,
                                one ? table.spec() : Objects.requireNonNull(global),
                                one && table.spec().isPartitioned() ? partition : null));
        return "delete " + id + " by key";
    }

    private String overwrite(BaseTable table) throws IOException {
        DataFile file = anyFile(table);
        if (file == null) {
            return append(table);
        }
        idsIn(table, file).forEach(rows::remove);
        List<Record> records = newRows(table);
        Map<PartitionKey, List<Record>> byPartition = new HashMap<>();
        PartitionKey key = new PartitionKey(table.spec(), table.schema());
        InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
        for (Record record : records) {
            key.partition(wrapper.wrap(record));
            byPartition.computeIfAbsent(key.copy(), any -> new ArrayList<>()).add(record);
        }
        var overwrite = table.newOverwrite().deleteFile(file);
        for (var each : byPartition.entrySet()) {
            overwrite.addFile(
                    new TableChanges(table).write(each.getValue(), table.schema(), table.spec(), each.getKey()));
        }
        overwrite.commit();
        return "overwrite " + file.location() + " by " + ids(records);
    }

    // ---- what must be true

    /** Every file that the table needs, but metadata files. */
    Set<String> needed() {
        Set<String> needed = new TreeSet<>();
        BaseTable table = table(others);
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
        BaseTable table = table(others);
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
