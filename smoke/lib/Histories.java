package lib;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import io.sink.testing.AnyRecords;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Tables with every kind of change behind them, made by Iceberg's library. Each has a column of every type that format
 * version 2 knows, of which the first, {@code id}, numbers the rows, a tag {@code kept} and a branch {@code audit}.
 */
public final class Histories {
    public static final Schema SCHEMA = new Schema(
            required(1, "id", Types.LongType.get()),
            optional(2, "cat", Types.StringType.get()),
            optional(3, "qty", Types.IntegerType.get()),
            optional(4, "price", Types.DecimalType.of(12, 2)),
            optional(5, "large", Types.DecimalType.of(30, 9)),
            optional(6, "ratio", Types.DoubleType.get()),
            optional(7, "weight", Types.FloatType.get()),
            optional(8, "at", Types.TimestampType.withZone()),
            optional(9, "local", Types.TimestampType.withoutZone()),
            optional(10, "day", Types.DateType.get()),
            optional(11, "clock", Types.TimeType.get()),
            optional(12, "key", Types.UUIDType.get()),
            optional(13, "raw", Types.BinaryType.get()),
            optional(14, "code", Types.FixedType.ofLength(5)),
            optional(15, "ok", Types.BooleanType.get()),
            optional(16, "tags", Types.ListType.ofOptional(17, Types.StringType.get())),
            optional(18, "props", Types.MapType.ofOptional(19, 20, Types.StringType.get(), Types.IntegerType.get())),
            optional(
                    21,
                    "info",
                    Types.StructType.of(
                            optional(22, "a", Types.IntegerType.get()),
                            optional(
                                    23,
                                    "points",
                                    Types.ListType.ofOptional(
                                            24,
                                            Types.StructType.of(
                                                    required(25, "x", Types.DoubleType.get()),
                                                    optional(26, "day", Types.DateType.get())))))));

    private static final PartitionSpec UNPARTITIONED = PartitionSpec.unpartitioned();
    private static final PartitionSpec BY_CAT =
            PartitionSpec.builderFor(SCHEMA).identity("cat").build();
    private static final int ROWS = 60;

    private final Catalog catalog;
    private final AnyRecords any;
    private final List<String> made = new ArrayList<>();

    /** @param random draws the values */
    public Histories(Catalog catalog, Random random) {
        this.catalog = catalog;
        this.any = new AnyRecords(random);
    }

    /** Makes the tables of format versions 1 and 2. */
    public List<String> make() throws IOException {
        appended("oldest", 1);
        appended("appended", 2);
        positions();
        keys();
        schemaEvolved();
        partitioned();
        specEvolved();
        sorted();
        return List.copyOf(made);
    }

    /** Makes the tables of format version 3 that have no deletion vectors. */
    public List<String> makeNewest() throws IOException {
        made.clear();
        appended("newest", 3);
        return List.copyOf(made);
    }

    /** Makes the tables of format version 3 with deletion vectors. */
    public List<String> makeVectors() throws IOException {
        made.clear();
        vectors("vectors", UNPARTITIONED, false);
        vectors("vectors_by_cat", BY_CAT, false);
        vectors("vectors_and_keys", UNPARTITIONED, true);
        return List.copyOf(made);
    }

    /** A table that is changed a snapshot at a time. */
    private final class Changing {
        private final Table table;
        private final TableChanges changes;
        private long next;

        Changing(String name, int version, PartitionSpec spec, SortOrder order) {
            Map<String, String> properties = new HashMap<>();
            properties.put("format-version", Integer.toString(version));
            // Several pages in a column chunk, so that a reader can skip some by the column index
            properties.put("write.parquet.page-row-limit", "20");
            properties.put("write.parquet.bloom-filter-enabled.column.key", "true");
            properties.put("write.parquet.bloom-filter-max-bytes", "4096");
            table = catalog.buildTable(Site.id(name), SCHEMA)
                    .withPartitionSpec(spec)
                    .withSortOrder(order)
                    .withProperties(properties)
                    .create();
            changes = new TableChanges(table);
            made.add(name);
        }

        List<DataFile> append(int rows) throws IOException {
            return changes.append(records(rows));
        }

        private List<Record> records(int rows) {
            List<Record> records = any.records(table.schema().asStruct(), rows);
            records.forEach(row -> row.setField("id", next++));
            return records;
        }

        /** Deletes by position in the largest of these files. */
        void delete(List<DataFile> files, long... positions) throws IOException {
            changes.deletePositions(largest(files), positions);
        }

        DataFile largest(List<DataFile> files) {
            return files.stream()
                    .reduce((a, b) -> a.recordCount() < b.recordCount() ? b : a)
                    .orElseThrow();
        }

        /** Deletes, in every partition, the rows that have one of these values. */
        void deleteEqual(String column, @Nullable Object... values) throws IOException {
            PartitionSpec everywhere = table.specs().values().stream()
                    .filter(PartitionSpec::isUnpartitioned)
                    .findFirst()
                    .orElseThrow();
            changes.deleteEqual(keys(column, values), table.schema().select(column), everywhere, null);
        }

        List<Record> keys(String column, @Nullable Object... values) {
            List<Record> keys = new ArrayList<>();
            for (Object value : values) {
                Record key = GenericRecord.create(table.schema().select(column));
                key.setField(column, value);
                keys.add(key);
            }
            return keys;
        }

        PartitionSpec spec(DataFile file) {
            return Objects.requireNonNull(table.specs().get(file.specId()));
        }

        void refs() {
            long now = table.currentSnapshot().snapshotId();
            table.manageSnapshots()
                    .createTag("kept", now)
                    .createBranch("audit", now)
                    .commit();
        }
    }

    private Changing changing(String name, int version) {
        return new Changing(name, version, UNPARTITIONED, SortOrder.unsorted());
    }

    private void appended(String name, int version) throws IOException {
        Changing it = changing(name, version);
        it.append(ROWS);
        List<DataFile> second = it.append(ROWS);
        it.append(ROWS);
        it.refs();
        it.table.newDelete().deleteFile(second.get(0)).commit();
        it.append(ROWS);
        it.append(1);
        it.append(ROWS);
    }

    private void positions() throws IOException {
        Changing it = changing("positions", 2);
        List<DataFile> first = it.append(ROWS);
        it.delete(first, 0, 1, 2, 59);
        List<DataFile> second = it.append(ROWS);
        it.refs();
        List<DataFile> both = List.of(first.get(0), second.get(0));
        it.table
                .newRowDelta()
                .addDeletes(it.changes.writePositionDeletes(both, 1, 20, 21, 40).get(0))
                .commit();
        it.append(ROWS);
        it.delete(it.append(ROWS), 30);
        it.append(ROWS);
    }

    private void keys() throws IOException {
        Changing it = changing("keys", 2);
        it.append(ROWS);
        it.append(ROWS);
        it.deleteEqual("id", 5L, 70L, 119L);
        it.refs();
        it.next = 60;
        // The keys come back: a delete does not reach what is newer than it
        it.append(ROWS);
        it.deleteEqual("cat", null, "épsilon");
        it.append(ROWS);
        it.deleteEqual("price", (Object) null);
        it.append(ROWS);
    }

    private void schemaEvolved() throws IOException {
        Changing it = changing("evolved", 2);
        it.append(ROWS);
        it.delete(it.append(ROWS), 3, 4);
        it.refs();
        it.table
                .updateSchema()
                .updateColumn("qty", Types.LongType.get())
                .updateColumn("weight", Types.DoubleType.get())
                .updateColumn("price", Types.DecimalType.of(20, 2))
                .renameColumn("cat", "label")
                .deleteColumn("raw")
                .addColumn("note", Types.StringType.get())
                .addColumn("info", "added", Types.LongType.get())
                .updateColumn("info.a", Types.LongType.get())
                .renameColumn("info.a", "renamed")
                .addColumn("info.points", "y", Types.DoubleType.get())
                .commit();
        it.append(ROWS);
        it.deleteEqual("label", "plain");
        // A new column of an old name, and another order
        it.table
                .updateSchema()
                .addColumn("raw", Types.StringType.get())
                .moveAfter("note", "id")
                .renameColumn("day", "date")
                .commit();
        it.table.updateSchema().addColumn("day", Types.IntegerType.get()).commit();
        it.append(ROWS);
        it.deleteEqual("id", 1L, 130L, 200L);
        it.append(ROWS);
    }

    private void partitioned() throws IOException {
        Changing it = new Changing("partitioned", 2, BY_CAT, SortOrder.unsorted());
        it.append(ROWS);
        List<DataFile> second = it.append(ROWS);
        it.delete(second, 0, 2);
        it.refs();
        DataFile file = it.largest(second);
        it.changes.deleteEqual(it.keys("ok", true), it.table.schema().select("ok"), it.spec(file), file.partition());
        it.append(ROWS);
        it.table
                .newDelete()
                .deleteFromRowFilter(Expressions.equal("cat", "plain"))
                .commit();
        it.append(ROWS);
    }

    private void specEvolved() throws IOException {
        Changing it = changing("respecified", 2);
        it.delete(it.append(ROWS), 7);
        it.append(ROWS);
        it.table.updateSpec().addField("cat").commit();
        it.delete(it.append(ROWS), 1);
        it.refs();
        it.table
                .updateSpec()
                .removeField("cat")
                .addField(Expressions.bucket("key", 3))
                .addField(Expressions.truncate("id", 100))
                .commit();
        List<DataFile> last = it.append(ROWS);
        it.deleteEqual("id", 10L, 100L, 150L, 220L);
        it.append(ROWS);
        it.delete(last, 0);
    }

    private void sorted() throws IOException {
        Changing it = new Changing(
                "sorted",
                2,
                UNPARTITIONED,
                SortOrder.builderFor(SCHEMA).desc("at").asc("ratio").build());
        it.append(ROWS);
        it.delete(it.append(ROWS), 10, 11, 12);
        it.refs();
        it.append(ROWS);
        it.deleteEqual("id", 2L, 3L);
        it.append(ROWS);
    }

    private void vectors(String name, PartitionSpec spec, boolean withKeys) throws IOException {
        Changing it = new Changing(name, 3, spec, SortOrder.unsorted());
        it.delete(it.append(ROWS), 0, 1, 5);
        List<DataFile> second = it.append(ROWS);
        it.refs();
        it.delete(second, 5);
        if (withKeys) {
            it.deleteEqual("id", 100L, 101L);
        }
        it.append(ROWS);
        it.append(ROWS);
    }
}
