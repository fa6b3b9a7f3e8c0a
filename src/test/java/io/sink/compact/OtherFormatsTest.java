package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.rewrite.ChosenRewriter;
import io.sink.rewrite.ProofLevel;
import io.sink.testing.AvroBlocks;
import io.sink.testing.Compacting;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.orc.RecordReader;
import org.apache.orc.TypeDescription;
import org.apache.orc.storage.ql.exec.vector.BytesColumnVector;
import org.apache.orc.storage.ql.exec.vector.LongColumnVector;
import org.apache.orc.storage.ql.exec.vector.VectorizedRowBatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Data and delete files of Avro and ORC, compacted; read again by Avro's and ORC's own readers, or by DuckDB. */
class OtherFormatsTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "text", Types.StringType.get()));

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(
            value = FileFormat.class,
            names = {"AVRO", "ORC", "PARQUET"})
    void writes_what_the_table_writes_by_default(FileFormat format) throws IOException {
        Table table = table(3, SCHEMA);
        for (FileFormat input : List.of(FileFormat.AVRO, FileFormat.ORC, FileFormat.PARQUET)) {
            append(table, input, row(SCHEMA, input.ordinal(), input.name()), row(SCHEMA, input.ordinal() + 100, null));
        }
        table.updateProperties().set("write.format.default", format.name()).commit();

        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains("rewriter record (", "proved 6 rows, 3 nulls");
        DataFile written = live(table).get(0);
        assertThat(live(table)).hasSize(1);
        assertThat(written.format()).isEqualTo(format);
        List<String> expected = new ArrayList<>();
        for (FileFormat input : List.of(FileFormat.AVRO, FileFormat.ORC, FileFormat.PARQUET)) {
            expected.add(input.ordinal() + " " + input);
            expected.add(input.ordinal() + 100 + " null");
        }
        switch (format) {
            case AVRO -> assertThat(avro(written)).containsExactlyInAnyOrderElementsOf(expected);
            case ORC -> assertThat(orc(written)).containsExactlyInAnyOrderElementsOf(expected);
            // Row ids as they were given before, in the order of the commits.
            default ->
                assertThat(LocalTable.rows(table))
                        .hasSize(6)
                        .anyMatch(row -> row.contains("\"ORC\"") && row.contains("\"_row_id\":\"2\""));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = FileFormat.class,
            names = {"AVRO", "ORC"})
    void applies_deletes_in_other_formats(FileFormat format) {
        Table table = table(2, SCHEMA);
        TestFiles files = new TestFiles(table, () -> format);
        DataFile first = append(table, format, row(SCHEMA, 1, "one"), row(SCHEMA, 2, "two"), row(SCHEMA, 3, "three"));
        append(table, format, row(SCHEMA, 4, "four"), row(SCHEMA, 5, "five"));
        Record key = GenericRecord.create(SCHEMA.select("id"));
        key.set(0, 5L);
        table.newRowDelta()
                .addDeletes(files.positionDeletes(Map.of(first.location(), Set.of(1L)), table.spec(), null))
                .addDeletes(files.equalityDeletes(List.of(key), SCHEMA.select("id"), table.spec(), null))
                .commit();

        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(LocalTable.rows(table))
                .containsExactly(
                        "{\"id\":\"1\",\"text\":\"one\"}",
                        "{\"id\":\"3\",\"text\":\"three\"}",
                        "{\"id\":\"4\",\"text\":\"four\"}");
    }

    @Test
    void refuses_an_avro_file_that_was_cut_between_blocks() throws IOException {
        Table table = table(2, SCHEMA);
        DataFile cut = append(table, FileFormat.AVRO, row(SCHEMA, 1, "one"), row(SCHEMA, 2, "two"));
        append(table, FileFormat.AVRO, row(SCHEMA, 3, "three"));
        List<String> before = paths(table);
        cut(Path.of(cut.location()));

        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains(cut.location(), "2 rows by its manifest, and 1 were read");
        assertThat(paths(table)).isEqualTo(before);
    }

    @Test
    void refuses_where_avro_deletes_were_cut_between_blocks() throws IOException {
        for (boolean equality : new boolean[] {true, false}) {
            Table table = table(2, SCHEMA);
            TestFiles files = new TestFiles(table, () -> FileFormat.AVRO);
            DataFile data = append(table, FileFormat.PARQUET, row(SCHEMA, 1, "one"), row(SCHEMA, 2, "two"));
            append(table, FileFormat.PARQUET, row(SCHEMA, 3, "three"));
            Schema columns = SCHEMA.select("id");
            List<Record> keys = new ArrayList<>();
            for (long id = 1; id < 3; id++) {
                Record key = GenericRecord.create(columns);
                key.set(0, id);
                keys.add(key);
            }
            var deletes = equality
                    ? files.equalityDeletes(keys, columns, table.spec(), null)
                    : files.positionDeletes(Map.of(data.location(), Set.of(0L, 1L)), table.spec(), null);
            table.newRowDelta().addDeletes(deletes).commit();
            List<String> before = paths(table);
            cut(Path.of(deletes.location()));

            ActionResult result = compact(table);

            assertThat(result.reason().code()).as(result.toString()).isIn("rewrite-error", "metadata-unreadable");
            assertThat(result.detail()).contains(deletes.location(), "2 rows by its manifest, and 1 were read");
            assertThat(paths(table)).isEqualTo(before);
        }
    }

    @Test
    void refuses_a_damaged_orc_file() throws IOException {
        Table table = table(2, SCHEMA);
        DataFile damaged = append(table, FileFormat.ORC, row(SCHEMA, 1, "one"), row(SCHEMA, 2, "two"));
        append(table, FileFormat.ORC, row(SCHEMA, 3, "three"));
        Path file = Path.of(damaged.location());
        byte[] whole = Files.readAllBytes(file);

        for (int kept : new int[] {0, 3, whole.length / 2, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, kept));
            ActionResult result = compact(table);
            assertThat(result.reason().code()).as(result.toString()).isIn("metadata-unreadable", "rewrite-error");
            assertThat(result.detail()).contains(damaged.location());
        }
    }

    @Test
    void refuses_a_default_that_an_orc_file_does_not_have() {
        Table table = table(3, SCHEMA);
        append(table, FileFormat.ORC, row(SCHEMA, 1, "one"));
        append(table, FileFormat.ORC, row(SCHEMA, 2, "two"));
        table.updateSchema()
                .addColumn("more", Types.IntegerType.get(), Literal.of(42))
                .commit();

        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(result.detail()).contains("ORC cannot read default value for field more");
    }

    @Test
    void refuses_to_write_orc_of_a_type_that_it_cannot_hold() {
        Schema schema = new Schema(
                Types.NestedField.required(1, "id", Types.LongType.get()),
                Types.NestedField.optional(2, "v", Types.VariantType.get()));
        Table table = table(3, schema);
        append(table, FileFormat.PARQUET, row(schema, 1, null));
        append(table, FileFormat.PARQUET, row(schema, 2, null));
        table.updateProperties().set("write.format.default", "orc").commit();

        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
        assertThat(result.detail()).contains("column v is of type variant", "orc, which cannot hold it");
    }

    /** ORC stores seconds cut towards zero: this one would come back as the first after 1970 began. */
    @Test
    void writes_no_orc_of_the_last_second_before_1970() {
        Schema schema = new Schema(
                Types.NestedField.required(1, "id", Types.LongType.get()),
                Types.NestedField.optional(2, "at", Types.TimestampType.withoutZone()));
        Table table = table(2, schema);
        append(table, FileFormat.PARQUET, row(schema, 1, LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_000_000)));
        append(table, FileFormat.PARQUET, row(schema, 2, LocalDateTime.of(1969, 12, 31, 23, 59, 59, 1000)));
        table.updateProperties().set("write.format.default", "orc").commit();
        List<String> before = paths(table);

        ActionResult result = compact(table);

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail()).contains("column at has a value of 1969-12-31T23:59:59.999Z");
        assertThat(paths(table)).isEqualTo(before);
    }

    /** To ORC's reader a batch of nothing but zeros is its first one, again and again. */
    @ParameterizedTest
    @EnumSource(
            value = FileFormat.class,
            names = {"AVRO", "ORC", "PARQUET"})
    void keeps_the_sign_of_each_zero_of_orc(FileFormat through) throws IOException {
        Schema schema = new Schema(
                Types.NestedField.required(1, "id", Types.LongType.get()),
                Types.NestedField.required(2, "wide", Types.DoubleType.get()),
                Types.NestedField.required(3, "narrow", Types.FloatType.get()),
                Types.NestedField.required(4, "list", Types.ListType.ofRequired(5, Types.DoubleType.get())));
        Table table = table(2, schema);
        for (double first : new double[] {0.0, -0.0}) {
            append(
                    table,
                    FileFormat.ORC,
                    all(schema, 1L, first, (float) first, List.of(first, -first)),
                    all(schema, 2L, -first, (float) -first, List.of(-first, first)),
                    all(schema, 3L, -first, (float) first, List.of(-first)));
        }
        for (FileFormat output : List.of(through, FileFormat.PARQUET)) {
            append(table, FileFormat.AVRO, all(schema, 4L, 1.0, 1f, List.of()));
            table.updateProperties().set("write.format.default", output.name()).commit();
            CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 1, 1 << 24));
            Compaction.run(table, plan, ChosenRewriter.of(table), ProofLevel.FULL);
        }

        List<String> signs = LocalTable.rows(table).stream()
                .filter(row -> !row.contains("\"id\":\"4\""))
                .map(row -> row.replaceAll("\"80+\"", "-")
                        .replaceAll("\"0+\"", "+")
                        .replaceAll("\"\\w+\":|[\"{}\\[\\]]", ""))
                .toList();
        assertThat(signs)
                .containsExactlyInAnyOrder("1,+,+,+,-", "2,-,-,-,+", "3,-,+,-", "1,-,-,-,+", "2,+,+,+,-", "3,+,-,+");
    }

    /** ORC's writer keeps the arrays that it is given until a batch is full. */
    @Test
    void bytes_of_avro_are_not_overwritten_before_orc_has_them() throws IOException {
        Schema schema = new Schema(
                Types.NestedField.required(1, "id", Types.LongType.get()),
                Types.NestedField.optional(2, "bytes", Types.FixedType.ofLength(2)));
        Table table = table(2, schema);
        append(table, FileFormat.AVRO, row(schema, 1, new byte[] {1, 1}), row(schema, 2, new byte[] {2, 2}));
        append(table, FileFormat.AVRO, row(schema, 3, new byte[] {3, 3}));
        table.updateProperties().set("write.format.default", "orc").commit();

        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 1, 1 << 24));
        Compaction.run(table, plan, ChosenRewriter.of(table), ProofLevel.COUNTS);

        assertThat(orc(live(table).get(0))).containsExactlyInAnyOrder("1 [1, 1]", "2 [2, 2]", "3 [3, 3]");
    }

    private Table table(int version, Schema schema) {
        return LocalTable.create(
                directory.resolve("t" + System.nanoTime()),
                schema,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of("format-version", Integer.toString(version)));
    }

    private static DataFile append(Table table, FileFormat format, Record... rows) {
        DataFile file = new TestFiles(table, () -> format).data(List.of(rows), null);
        table.newAppend().appendFile(file).commit();
        return file;
    }

    private static Record row(Schema schema, long id, @Nullable Object value) {
        Record row = GenericRecord.create(schema);
        row.set(0, id);
        row.set(1, value);
        return row;
    }

    private static Record all(Schema schema, Object... values) {
        Record row = GenericRecord.create(schema);
        for (int i = 0; i < values.length; i++) {
            row.set(i, values[i]);
        }
        return row;
    }

    private static ActionResult compact(Table table) {
        return Compacting.small().execute(((BaseTable) table).operations());
    }

    /** The file anew with a block for each row, and without the last block. */
    private static void cut(Path file) throws IOException {
        AvroBlocks blocks = AvroBlocks.of(file);
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(blocks.ends().get(blocks.ends().size() - 2));
        }
    }

    private static List<String> avro(DataFile file) throws IOException {
        List<String> rows = new ArrayList<>();
        try (DataFileReader<org.apache.avro.generic.GenericRecord> reader =
                new DataFileReader<>(Path.of(file.location()).toFile(), new GenericDatumReader<>())) {
            reader.forEach(row -> rows.add(row.get("id") + " " + row.get("text")));
        }
        return rows;
    }

    /** By ORC's own reader, without Iceberg. */
    private static List<String> orc(DataFile file) throws IOException {
        List<String> rows = new ArrayList<>();
        RawLocalFileSystem local = new RawLocalFileSystem();
        local.initialize(URI.create("file:///"), new Configuration());
        try (Reader reader = OrcFile.createReader(
                        new org.apache.hadoop.fs.Path(file.location()),
                        OrcFile.readerOptions(new Configuration()).filesystem(local));
                RecordReader read = reader.rows()) {
            boolean text = reader.getSchema().getChildren().get(1).getCategory() == TypeDescription.Category.STRING;
            VectorizedRowBatch batch = reader.getSchema().createRowBatch();
            while (read.nextBatch(batch)) {
                LongColumnVector ids = (LongColumnVector) batch.cols[0];
                BytesColumnVector values = (BytesColumnVector) batch.cols[1];
                for (int row = 0; row < batch.size; row++) {
                    int at = values.isRepeating ? 0 : row;
                    String value = values.noNulls || !values.isNull[at]
                            ? text
                                    ? values.toString(at)
                                    : Arrays.toString(Arrays.copyOfRange(
                                            values.vector[at], values.start[at], values.start[at] + values.length[at]))
                            : "null";
                    rows.add(ids.vector[ids.isRepeating ? 0 : row] + " " + value);
                }
            }
        }
        return rows;
    }

    private static List<DataFile> live(Table table) {
        table.refresh();
        List<DataFile> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(task.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return live;
    }

    private static List<String> paths(Table table) {
        return live(table).stream().map(DataFile::location).sorted().toList();
    }
}
