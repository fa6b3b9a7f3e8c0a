package io.sink.compact;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/**
 * A table with a random past: appends in any layout, deletes of every kind, changes of schema and of partitioning, in
 * any order. The same numbers give the same table, up to file names.
 */
public final class GeneratedTable {
    private final Random random;
    private final AnyValues values;
    private final AnySchema shapes;
    private final AnyLayout layouts;
    private final Table table;
    private final TestFiles files;
    private final Map<DataFile, List<Record>> written = new LinkedHashMap<>();
    private final Map<String, Set<Long>> dropped = new HashMap<>();
    private final Map<String, DeleteFile> vectors = new HashMap<>();
    private final Set<Integer> usedInDeletes = new HashSet<>();
    private int names;

    private GeneratedTable(Path directory, Random random, Formats formats) {
        this.random = random;
        int version = 1 + random.nextInt(3);
        this.values = new AnyValues(random);
        this.shapes = new AnySchema(random, version);
        Schema schema = shapes.schema();
        this.layouts = new AnyLayout(random);
        this.table = LocalTable.create(
                directory,
                schema,
                shapes.spec(schema),
                shapes.order(schema),
                Map.of("format-version", Integer.toString(version)));
        this.files = new TestFiles(table, () -> formats.next(table));
    }

    /** Gives the format of the next file of a table. */
    @FunctionalInterface
    public interface Formats {
        FileFormat next(Table table);
    }

    public static Table of(Path directory, Random random) {
        return of(directory, random, any -> FileFormat.PARQUET);
    }

    /** The same numbers give the same rows and row ids, whatever the formats. */
    public static Table of(Path directory, Random random, Formats formats) {
        GeneratedTable generated = new GeneratedTable(directory, random, formats);
        generated.append();
        for (int step = 4 + generated.random.nextInt(10); step > 0; step--) {
            generated.change();
        }
        generated.append();
        return generated.table;
    }

    private void change() {
        int version = TableUtil.formatVersion(table);
        switch (random.nextInt(11)) {
            case 0 -> changeSchema(version);
            case 1 -> changeSpec();
            case 2, 3 -> {
                if (version > 1) {
                    deletePositions(version);
                }
            }
            case 4 -> {
                if (version > 1) {
                    deleteEqual();
                }
            }
            case 5 -> {
                if (version < 3 && random.nextBoolean()) {
                    table.updateProperties()
                            .set("format-version", Integer.toString(version + 1))
                            .commit();
                    append();
                }
            }
            case 6, 7 -> {
                layouts.change(table);
                append();
            }
            default -> append();
        }
    }

    private void append() {
        PartitionKey key = new PartitionKey(table.spec(), table.schema());
        InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
        Map<PartitionKey, List<Record>> partitions = new LinkedHashMap<>();
        for (int i = random.nextInt(25); i > 0; i--) {
            Record row = values.row(table.schema().asStruct());
            key.partition(wrapper.wrap(row));
            List<Record> rows = partitions.computeIfAbsent(key.copy(), any -> new ArrayList<>());
            rows.add(row);
            if (random.nextInt(8) == 0) {
                rows.add(row.copy());
            }
        }
        if (partitions.isEmpty()) {
            partitions.put(key.copy(), List.of());
        }
        AppendFiles append = table.newFastAppend();
        partitions.forEach((partition, rows) -> {
            DataFile file = files.data(rows, partition);
            written.put(file, rows);
            append.appendFile(file);
        });
        append.commit();
    }

    private void deletePositions(int version) {
        DataFile first = pick(new ArrayList<>(written.keySet()));
        List<DataFile> targets = written.keySet().stream()
                .filter(file ->
                        file.specId() == first.specId() && file.partition().equals(first.partition()))
                .filter(file -> file == first || random.nextBoolean())
                .toList();
        Map<String, Set<Long>> doomed = new HashMap<>();
        RowDelta delta =
                table.newRowDelta().validateFromSnapshot(table.currentSnapshot().snapshotId());
        for (DataFile file : targets) {
            Set<Long> positions = new TreeSet<>();
            boolean all = random.nextInt(6) == 0;
            for (long position = 0; position < file.recordCount(); position++) {
                if (all || random.nextInt(4) == 0) {
                    positions.add(position);
                }
            }
            if (positions.isEmpty()) {
                continue;
            }
            doomed.put(file.location(), positions);
            Set<Long> known = dropped.computeIfAbsent(file.location(), any -> new TreeSet<>());
            known.addAll(positions);
            if (version >= 3) {
                DeleteFile vector = files.vector(file, known);
                DeleteFile previous = vectors.put(file.location(), vector);
                if (previous != null) {
                    delta.removeDeletes(files.committed(previous));
                }
                delta.addDeletes(vector);
            }
        }
        if (doomed.isEmpty()) {
            return;
        }
        if (version == 2) {
            delta.addDeletes(files.positionDeletes(doomed, files.spec(first.specId()), first.partition()));
        }
        delta.commit();
    }

    private void deleteEqual() {
        List<Types.NestedField> candidates = table.schema().columns().stream()
                .filter(field -> field.type().isPrimitiveType())
                .filter(field -> !Set.of(
                                Type.TypeID.UNKNOWN, Type.TypeID.GEOMETRY, Type.TypeID.FLOAT, Type.TypeID.DOUBLE)
                        .contains(field.type().typeId()))
                .toList();
        Set<Integer> ids = new HashSet<>(Set.of(pick(candidates).fieldId()));
        if (random.nextBoolean()) {
            ids.add(pick(candidates).fieldId());
        }
        Schema columns = TypeUtil.select(table.schema(), ids);
        DataFile about = pick(new ArrayList<>(written.keySet()));
        PartitionSpec spec = files.spec(about.specId());
        List<Record> keys = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            keys.add(values.row(columns.asStruct()));
        }
        usedInDeletes.addAll(ids);
        StructLike partition = spec.isUnpartitioned() ? null : about.partition();
        table.newRowDelta()
                .addDeletes(files.equalityDeletes(keys, columns, spec, partition))
                .commit();
    }

    private void changeSchema(int version) {
        UpdateSchema update = table.updateSchema();
        String name = "n" + names++;
        List<Types.NestedField> free = table.schema().columns().stream()
                .filter(field -> field.fieldId() != 1 && !usedInDeletes.contains(field.fieldId()))
                .filter(field ->
                        table.sortOrder().fields().stream().noneMatch(sort -> sort.sourceId() == field.fieldId()))
                .filter(field -> table.specs().values().stream()
                        .flatMap(spec -> spec.fields().stream())
                        .noneMatch(part -> part.sourceId() == field.fieldId()))
                .toList();
        switch (random.nextInt(6)) {
            case 0 -> update.addColumn(name, shapes.type(1));
            case 1 -> {
                if (version >= 3) {
                    update.addRequiredColumn(name, Types.IntegerType.get(), Literal.of(42))
                            .addColumn(name + "s", Types.StringType.get(), Literal.of("default"));
                } else {
                    update.addColumn(name, Types.StringType.get());
                }
            }
            case 2 -> update.moveFirst(pick(table.schema().columns()).name());
            case 3 ->
                update.renameColumn(
                        pick(table.schema().columns().stream()
                                        .filter(field -> field.fieldId() != 1)
                                        .toList())
                                .name(),
                        name);
            case 4 -> {
                if (!free.isEmpty() && table.schema().columns().size() > 3) {
                    update.deleteColumn(pick(free).name());
                }
            }
            default -> table.schema().columns().forEach(field -> promote(update, field));
        }
        update.commit();
    }

    private void promote(UpdateSchema update, Types.NestedField field) {
        boolean partitioned = table.specs().values().stream()
                .flatMap(spec -> spec.fields().stream())
                .anyMatch(part -> part.sourceId() == field.fieldId());
        if (field.fieldId() == 1 || partitioned) {
            return;
        }
        switch (field.type().typeId()) {
            case INTEGER -> update.updateColumn(field.name(), Types.LongType.get());
            case FLOAT -> update.updateColumn(field.name(), Types.DoubleType.get());
            case DECIMAL -> {
                Types.DecimalType type = (Types.DecimalType) field.type();
                if (type.precision() == 7) {
                    update.updateColumn(field.name(), Types.DecimalType.of(20, type.scale()));
                }
            }
            case STRUCT -> update.addColumn(field.name(), "n" + names++, Types.LongType.get());
            default -> {}
        }
    }

    private void changeSpec() {
        var update = table.updateSpec();
        if (table.spec().isPartitioned() && random.nextBoolean()) {
            update.removeField(table.spec().fields().get(0).name());
        } else {
            try {
                update.addField("p" + names++, shapes.partitionTerm());
            } catch (IllegalArgumentException e) {
                // The same transform twice: then the spec stays as it is.
                return;
            }
        }
        update.commit();
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
