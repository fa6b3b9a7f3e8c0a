package io.sink.sim;

import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
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
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.relocated.com.google.common.util.concurrent.MoreExecutors;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Other writers, as Iceberg's own API writes for them. */
final class Writers {
    private static final Schema SCHEMA = PathTable.SCHEMA;
    private static final Schema PLACES =
            new Schema(SCHEMA.columns().get(0), MetadataColumns.FILE_PATH, MetadataColumns.ROW_POSITION);
    private static final String LOCATION = "s3://lake/t";
    private static final String MAIN = SnapshotRef.MAIN_BRANCH;
    /** Iceberg looks every 10 ms whether its pool is done, which is most of the time that another writer would take. */
    private static final ExecutorService HERE = MoreExecutors.newDirectExecutorService();

    private final World world;
    private final Random random;
    private final Process process;
    /** What the snapshot is to have that is being committed. */
    private Map<Long, String> rows = new TreeMap<>();

    /** What they mostly do in this world; empty if it is everything. */
    private final List<Integer> usual = new ArrayList<>();

    private long nextId;
    private int names;

    Writers(World world, long seed) {
        this.world = world;
        this.random = new Random(seed);
        this.process = new Process("others", world, Map.of());
        for (int i = random.nextInt(4); i > 0; i--) {
            usual.add(random.nextInt(100));
        }
    }

    /** The one that they all are. */
    Process process() {
        return process;
    }

    Map<Long, String> rows() {
        return rows;
    }

    void create() {
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
        Operations operations = new Operations(world, process);
        operations.commit(
                null,
                TableMetadata.newTableMetadata(SCHEMA, spec, SortOrder.unsorted(), LOCATION, properties)
                        .withUUID());
        rows = new TreeMap<>();
    }

    /** Does something; what it was. */
    String act() throws IOException {
        return act(
                usual.isEmpty() || random.nextInt(3) == 0
                        ? random.nextInt(100)
                        : usual.get(random.nextInt(usual.size())));
    }

    private String act(int drawn) throws IOException {
        BaseTable table = world.table(process);
        Snapshot current = table.currentSnapshot();
        rows = current == null ? new TreeMap<>() : new TreeMap<>(world.rows(current));
        if (current == null || drawn < 27) {
            return append(table);
        }
        if (drawn < 35) {
            return upsert(table);
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
        world.drop();
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
            long id = newId();
            String name = "n" + random.nextInt(2);
            records.add(record(table, id, name));
            rows.put(id, name);
        }
        return records;
    }

    /** Mostly a new one; now and then one that was deleted, which equality deletes that are older must leave. */
    private long newId() {
        if (nextId > 0 && random.nextInt(4) == 0) {
            long again = random.nextInt((int) nextId);
            if (!rows.containsKey(again)) {
                return again;
            }
        }
        return nextId++;
    }

    private String append(BaseTable table) throws IOException {
        List<Record> records = newRows(table);
        var append = table.newFastAppend().scanManifestsWith(HERE);
        for (DataFile file : written(table, records)) {
            append.appendFile(file);
        }
        append.commit();
        return "append " + ids(records);
    }

    private static List<DataFile> written(BaseTable table, List<Record> records) throws IOException {
        Map<PartitionKey, List<Record>> byPartition = new HashMap<>();
        PartitionKey key = new PartitionKey(table.spec(), table.schema());
        InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
        for (Record record : records) {
            key.partition(wrapper.wrap(record));
            byPartition.computeIfAbsent(key.copy(), any -> new ArrayList<>()).add(record);
        }
        List<DataFile> files = new ArrayList<>();
        for (var each : byPartition.entrySet()) {
            files.add(new TableChanges(table).write(each.getValue(), table.schema(), table.spec(), each.getKey()));
        }
        return files;
    }

    private static List<Object> ids(List<Record> records) {
        return records.stream().map(record -> record.getField("id")).toList();
    }

    private @Nullable DataFile anyFile(BaseTable table) {
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().planWith(HERE).planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort((one, other) -> one.location().compareTo(other.location()));
        return files.isEmpty() ? null : files.get(random.nextInt(files.size()));
    }

    /** Ids of the rows that a file has and that no delete drops, by their positions. */
    private static Map<Long, Long> liveIn(BaseTable table, DataFile file) throws IOException {
        Map<Long, Long> ids = new TreeMap<>();
        try (CloseableIterable<Record> read =
                IcebergGenerics.read(table).project(PLACES).build()) {
            for (Record record : read) {
                if (file.location().equals(record.get(1, String.class))) {
                    ids.put(record.get(2, Long.class), record.get(0, Long.class));
                }
            }
        }
        return ids;
    }

    private String deletePosition(BaseTable table) throws IOException {
        DataFile file = anyFile(table);
        if (file == null) {
            return append(table);
        }
        Map<Long, Long> live = liveIn(table, file);
        if (live.isEmpty() || TableUtil.formatVersion(table) >= 3 && hasVector(table, file)) {
            return append(table);
        }
        Long position = List.copyOf(live.keySet()).get(random.nextInt(live.size()));
        Long id = Objects.requireNonNull(live.get(position));
        rows.remove(id);
        commit(
                table,
                new TableChanges(table)
                        .writePositionDeletes(List.of(file), position.intValue())
                        .get(0));
        return "delete " + id + " by position";
    }

    private static void commit(BaseTable table, DeleteFile deletes) {
        table.newRowDelta()
                .scanManifestsWith(HERE)
                .addDeletes(deletes)
                .validateFromSnapshot(table.currentSnapshot().snapshotId())
                .commit();
    }

    private static boolean hasVector(BaseTable table, DataFile file) {
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().planWith(HERE).planFiles()) {
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
        Long id = anyId();
        DeleteFile deletes = id == null ? null : equalityDelete(table, id);
        if (id == null || deletes == null) {
            return append(table);
        }
        rows.remove(id);
        commit(table, deletes);
        return "delete " + id + " by key";
    }

    /** Another value for a row, as stream processors write it: its key is deleted, and in the same commit it is there. */
    private String upsert(BaseTable table) throws IOException {
        Long id = anyId();
        DeleteFile deletes = id == null ? null : equalityDelete(table, id);
        if (id == null || deletes == null) {
            return append(table);
        }
        String name = "n" + random.nextInt(2);
        rows.put(id, name);
        RowDelta delta = table.newRowDelta()
                .scanManifestsWith(HERE)
                .addDeletes(deletes)
                .validateFromSnapshot(table.currentSnapshot().snapshotId());
        written(table, List.of(record(table, id, name))).forEach(delta::addRows);
        delta.commit();
        return "upsert " + id;
    }

    private @Nullable Long anyId() {
        List<Long> all = List.copyOf(rows.keySet());
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private static Record record(BaseTable table, long id, String name) {
        Record record = GenericRecord.create(table.schema());
        record.setField("id", id);
        record.setField("name", name);
        return record;
    }

    /** A delete of a row by its key; null if none can be written that reaches it. */
    private @Nullable DeleteFile equalityDelete(BaseTable table, long id) throws IOException {
        Schema key = table.schema().select("id");
        Record record = GenericRecord.create(key);
        record.setField("id", id);
        PartitionKey partition = new PartitionKey(table.spec(), table.schema());
        Record whole = record(table, id, Objects.requireNonNull(rows.get(id)));
        partition.partition(new InternalRecordWrapper(table.schema().asStruct()).wrap(whole));
        // A delete of the newest spec is not one of files of another, unless it is of no partition.
        PartitionSpec global = table.specs().values().stream()
                .filter(PartitionSpec::isUnpartitioned)
                .findFirst()
                .orElse(null);
        boolean one = table.specs().size() == 1;
        return !one && global == null
                ? null
                : new TableChanges(table)
                        .writeEqualityDeletes(
                                List.of(record),
                                key,
                                one ? table.spec() : Objects.requireNonNull(global),
                                one && table.spec().isPartitioned() ? partition : null);
    }

    private String overwrite(BaseTable table) throws IOException {
        DataFile file = anyFile(table);
        if (file == null) {
            return append(table);
        }
        liveIn(table, file).values().forEach(rows::remove);
        List<Record> records = newRows(table);
        var overwrite = table.newOverwrite().scanManifestsWith(HERE).deleteFile(file);
        for (DataFile written : written(table, records)) {
            overwrite.addFile(written);
        }
        overwrite.commit();
        return "overwrite " + file.location() + " by " + ids(records);
    }
}
