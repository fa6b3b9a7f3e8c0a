package io.sink.testing;

import static org.apache.iceberg.expressions.Expressions.bucket;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.SnapshotUtil;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The second reader and Iceberg's own generic reader on tables that change in every way. */
class SecondReaderAgainstIcebergTest {
    private static final long SEED = 20261121;

    private static final Schema SCHEMA = new Schema(
            required(1, "id", Types.LongType.get()),
            optional(2, "cat", Types.StringType.get()),
            optional(3, "i", Types.IntegerType.get()),
            optional(4, "f", Types.FloatType.get()),
            optional(5, "d", Types.DoubleType.get()),
            optional(6, "dec", Types.DecimalType.of(9, 3)),
            optional(7, "b", Types.BooleanType.get()),
            optional(8, "u", Types.UUIDType.get()),
            optional(9, "fx", Types.FixedType.ofLength(5)),
            optional(10, "bin", Types.BinaryType.get()),
            optional(11, "dt", Types.DateType.get()),
            optional(12, "tm", Types.TimeType.get()),
            optional(13, "ts", Types.TimestampType.withoutZone()),
            optional(14, "tz", Types.TimestampType.withZone()),
            optional(15, "dropped", Types.StringType.get()),
            optional(16, "wide", Types.DecimalType.of(38, 10)),
            optional(20, "list", Types.ListType.ofOptional(21, Types.TimestampType.withoutZone())),
            optional(22, "map", Types.MapType.ofOptional(23, 24, Types.StringType.get(), Types.DoubleType.get())),
            optional(
                    30,
                    "st",
                    Types.StructType.of(
                            optional(31, "x", Types.IntegerType.get()),
                            optional(32, "y", Types.StructType.of(optional(33, "z", Types.FloatType.get()))))),
            optional(
                    40,
                    "deep",
                    Types.ListType.ofOptional(
                            41,
                            Types.StructType.of(
                                    optional(42, "p", Types.DateType.get()),
                                    optional(
                                            43,
                                            "q",
                                            Types.MapType.ofOptional(
                                                    44,
                                                    45,
                                                    Types.IntegerType.get(),
                                                    Types.ListType.ofOptional(46, Types.StringType.get())))))));

    private final AnyRecords any = new AnyRecords(SEED);

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"2, 2", "3, 3", "2, 3"})
    void both_read_the_same_rows_through_every_change(int createdAs, int upgradedTo) throws IOException {
        try (LocalTables tables = new LocalTables(directory)) {
            Table table = tables.create("evolving", SCHEMA, createdAs);
            TableChanges changes = new TableChanges(table);

            List<DataFile> first = changes.append(some(table, 60));
            changes.deletePositions(first.get(0), 0, 7, 59);
            table.updateSpec().addField("cat").commit();
            List<DataFile> second = changes.append(some(table, 80));
            assertSameRows(table);

            evolve(table);
            assertSameRows(table);
            List<DataFile> third = changes.append(some(table, 40));
            assertSameRows(table);

            upgrade(table, upgradedTo);
            List<DataFile> fourth = changes.append(newColumns(table, upgradedTo));
            changes.deletePositions(second.get(0), 1, 2);
            changes.deletePositions(fourth.get(0), 0);
            assertSameRows(table);

            Schema nullable = table.schema().select("cat", "i_renamed");
            changes.deleteEqual(keys(table, nullable, 20), nullable, changes.spec(0), null);
            Schema floating = table.schema().select("d");
            changes.deleteEqual(
                    keys(table, floating, 20),
                    floating,
                    table.spec(),
                    third.get(0).partition());
            assertSameRows(table);

            table.updateSpec().removeField("cat").addField(bucket("id", 3)).commit();
            changes.append(some(table, 50));
            assertSameRows(table);
            assertSameHistory(table);

            List<String> before = LocalTables.reader(table).rows();
            rewriteWhole(table, changes);
            assertSameLines(LocalTables.reader(table).rows(), before);
            assertSameRows(table);
            assertFilesAreThere(table);
        }
    }

    private List<Record> some(Table table, int count) {
        List<Record> records = any.records(table.schema().asStruct(), count);
        String[] categories = {"a", "b/c=d %", null};
        for (int i = 0; i < count; i++) {
            records.get(i).setField("cat", categories[i % categories.length]);
        }
        return records;
    }

    private static void evolve(Table table) {
        table.updateSchema()
                .renameColumn("i", "i_renamed")
                .updateColumn("i", Types.LongType.get())
                .updateColumn("f", Types.DoubleType.get())
                .updateColumn("dec", Types.DecimalType.of(18, 3))
                .deleteColumn("dropped")
                .addColumn("later", Types.IntegerType.get())
                .addColumn("st", "w", Types.StringType.get())
                .renameColumn("st.x", "renamed")
                .updateColumn("st.x", Types.LongType.get())
                .addColumn("deep", "r", Types.UUIDType.get())
                .moveFirst("tz")
                .moveAfter("d", "list")
                .commit();
    }

    private static void upgrade(Table table, int version) {
        table.updateProperties()
                .set(TableProperties.FORMAT_VERSION, Integer.toString(version))
                .commit();
    }

    /** Adds the columns that only format version 3 can have, and records with them. */
    private List<Record> newColumns(Table table, int version) {
        if (version >= 3) {
            table.updateSchema()
                    .addColumn("ns", Types.TimestampNanoType.withoutZone())
                    .addColumn("nsz", Types.TimestampNanoType.withZone())
                    .addColumn("nothing", Types.UnknownType.get())
                    .addColumn("seven", Types.IntegerType.get(), Literal.of(7))
                    .addColumn(
                            "day",
                            Types.DateType.get(),
                            Literal.of("2020-02-29").to(Types.DateType.get()))
                    .addColumn("half", Types.DoubleType.get(), Literal.of(-0.5d))
                    .addColumn("said", Types.StringType.get(), Literal.of("it's"))
                    .addColumn("st", "inner", Types.BooleanType.get(), Literal.of(true))
                    .commit();
            assertSameRows(table);
        }
        return some(table, 30);
    }

    /** Keys of live rows, so that the deletes hit; nulls and NaN among them. */
    private static List<Record> keys(Table table, Schema columns, int count) throws IOException {
        List<Record> keys = new ArrayList<>();
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
            for (Record row : rows) {
                Record key = GenericRecord.create(columns);
                columns.columns().forEach(column -> key.setField(column.name(), row.getField(column.name())));
                keys.add(key);
            }
        }
        return keys.subList(0, count);
    }

    private static void rewriteWhole(Table table, TableChanges changes) throws IOException {
        RewriteFiles rewrite = table.newRewrite()
                .validateFromSnapshot(table.currentSnapshot().snapshotId())
                .dataSequenceNumber(table.currentSnapshot().sequenceNumber());
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> rewrite.deleteFile(task.file()));
        }
        Schema schema = schemaWithLineage(table, table.schema());
        List<Record> rows = new ArrayList<>();
        try (CloseableIterable<Record> live =
                IcebergGenerics.read(table).project(schema).build()) {
            live.forEach(rows::add);
        }
        PartitionSpec spec = changes.spec(0);
        rewrite.addFile(changes.write(rows, schema, spec, null)).commit();
    }

    private static Schema schemaWithLineage(Table table, Schema schema) {
        return TableUtil.supportsRowLineage(table) ? MetadataColumns.schemaWithRowLineage(schema) : schema;
    }

    private static void assertSameRows(Table table) {
        assertSameLines(LocalTables.reader(table).rows(), icebergRows(table, table.currentSnapshot(), table.schema()));
    }

    /** Shows the first few lines of difference only: a table's worth of them helps nobody. */
    private static void assertSameLines(List<String> ours, List<String> icebergs) {
        List<String> onlyOurs = new ArrayList<>(ours);
        List<String> onlyIcebergs = new ArrayList<>(icebergs);
        icebergs.forEach(onlyOurs::remove);
        ours.forEach(onlyIcebergs::remove);

        assertThat(ours).isNotEmpty();
        assertThat(onlyOurs.stream().limit(3).toList())
                .as("seed %d", SEED)
                .isEqualTo(onlyIcebergs.stream().limit(3).toList());
        assertThat(ours).hasSameSizeAs(icebergs);
    }

    private static void assertSameHistory(Table table) {
        SecondReader reader = LocalTables.reader(table);
        for (Snapshot snapshot : table.snapshots()) {
            Schema own = SnapshotUtil.schemaFor(table, snapshot.snapshotId());

            assertSameLines(reader.rows(snapshot.snapshotId()), icebergRows(table, snapshot, table.schema()));
            assertSameLines(reader.rowsInOwnSchema(snapshot.snapshotId()), icebergRows(table, snapshot, own));
        }
    }

    private static void assertFilesAreThere(Table table) throws IOException {
        Path location = SecondReader.local(table.location());
        try (Stream<Path> walk = Files.walk(location)) {
            List<Path> onDisk = walk.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".crc"))
                    .toList();

            assertThat(LocalTables.reader(table).reachable()).containsExactlyInAnyOrderElementsOf(onDisk);
        }
    }

    /** Iceberg's rows in the canonical form, lineage first where there is any. */
    private static List<String> icebergRows(Table table, Snapshot snapshot, Schema schema) {
        Schema read = schema;
        if (TableUtil.supportsRowLineage(table)) {
            List<Types.NestedField> fields =
                    new ArrayList<>(List.of(MetadataColumns.ROW_ID, MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER));
            fields.addAll(schema.columns());
            read = new Schema(fields);
        }
        try (CloseableIterable<Record> records = IcebergGenerics.read(table)
                .useSnapshot(snapshot.snapshotId())
                .project(read)
                .build()) {
            return CanonicalRecords.lines(read, records);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
