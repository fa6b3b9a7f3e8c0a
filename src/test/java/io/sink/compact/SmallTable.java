package io.sink.compact;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** A table of numbered rows with texts, made file by file. */
public final class SmallTable {
    static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.IntegerType.get()),
            Types.NestedField.optional(2, "text", Types.StringType.get()),
            Types.NestedField.optional(3, "other", Types.StringType.get()));

    public final Table table;
    public final TestFiles files;

    SmallTable(Path directory, int formatVersion, PartitionSpec spec, SortOrder order) {
        Map<String, String> properties = new HashMap<>();
        properties.put("format-version", Integer.toString(formatVersion));
        this.table = LocalTable.create(directory, SCHEMA, spec, order, properties);
        this.files = new TestFiles(table);
    }

    public static SmallTable plain(Path directory, int formatVersion) {
        return new SmallTable(directory, formatVersion, PartitionSpec.unpartitioned(), SortOrder.unsorted());
    }

    static SmallTable byId(Path directory) {
        return new SmallTable(
                directory, 2, PartitionSpec.builderFor(SCHEMA).identity("id").build(), SortOrder.unsorted());
    }

    /** Appends one file of rows with this id; the table's partition, if it has any, is the id. */
    public DataFile append(int id, int rows) {
        List<Record> records =
                IntStream.range(0, rows).mapToObj(row -> row(id, "text " + row)).toList();
        return append(records, id);
    }

    public DataFile append(List<Record> records, int id) {
        DataFile file = files.data(records, table.spec().isPartitioned() ? partition(id) : null);
        table.newAppend().appendFile(file).commit();
        return file;
    }

    void deletePositions(DataFile file, Long... positions) {
        table.newRowDelta()
                .addDeletes(files.positionDeletes(
                        Map.of(file.location(), Set.of(positions)), files.spec(file.specId()), file.partition()))
                .commit();
    }

    /** Deletes every row whose column {@code field} has this value. */
    public void deleteEqual(int field, Object value) {
        Schema key = TypeUtil.select(table.schema(), Set.of(field));
        Record row = GenericRecord.create(key);
        row.set(0, value);
        table.newRowDelta()
                .addDeletes(files.equalityDeletes(List.of(row), key, PartitionSpec.unpartitioned(), null))
                .commit();
    }

    public static Record row(int id, @Nullable String text) {
        Record row = GenericRecord.create(SCHEMA);
        row.set(0, id);
        row.set(1, text);
        return row;
    }

    static Record partition(int id) {
        Record partition = GenericRecord.create(
                PartitionSpec.builderFor(SCHEMA).identity("id").build().partitionType());
        partition.set(0, id);
        return partition;
    }
}
