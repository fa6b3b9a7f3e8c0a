package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.TestFiles;
import io.sink.pages.Share;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files large enough to have pages of the usual size. */
final class MergedPagesTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "kind", Types.StringType.get()),
            Types.NestedField.optional(3, "text", Types.StringType.get()),
            Types.NestedField.optional(4, "price", Types.DoubleType.get()),
            Types.NestedField.optional(5, "tags", Types.ListType.ofOptional(6, Types.IntegerType.get())));
    private static final int ROWS = 25_000;

    @TempDir
    Path directory;

    private final Random random = new Random(11);

    @Test
    void most_bytes_are_copied_and_row_groups_become_one() {
        Table table = table(3, Map.of());
        for (int file = 0; file < 4; file++) {
            append(table, file, ROWS);
        }

        Compaction.Done done = run(table, ProofLevel.FULL);

        RewriteResult result = done.results().get(0);
        ParquetMetadata footer = footer(table, result.outputs().get(0));
        assertThat(result.outputs()).hasSize(1);
        assertThat(footer.getBlocks()).hasSize(1);
        long all = result.shares().values().stream().mapToLong(Long::longValue).sum();
        assertThat(result.shares().get(Share.COPIED)).as("%s", result.shares()).isGreaterThan(all * 3 / 4);
        assertThat(result.shares()).containsKey(Share.REMAPPED);
        for (ColumnChunkMetaData column : footer.getBlocks().get(0).getColumns()) {
            assertThat(column.getStatistics().isNumNullsSet()).isTrue();
            assertThat(column.getColumnIndexReference())
                    .as("%s", column.getPath())
                    .isNotNull();
            assertThat(column.getOffsetIndexReference()).isNotNull();
        }
        assertThat(done.proof().rows()).isEqualTo(4L * ROWS);
        assertThat(done.proof().fingerprint()).isNotNull();
    }

    @Test
    void what_was_merged_is_merged_again() {
        Table table = table(3, Map.of("write.parquet.page-row-limit", "700"));
        List<Compaction.Done> done = new ArrayList<>();
        for (int file = 0; file < 6; file++) {
            append(table, file, 2_000);
            if (file % 3 == 2) {
                done.add(run(table, ProofLevel.FULL));
            }
        }

        assertThat(done).extracting(run -> run.proof().rows()).containsExactly(6_000L, 12_000L);
        assertThat(done).allMatch(run -> run.plan().groups().get(0).notByPage() == null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void a_page_index_finds_what_a_scan_finds(String version) throws IOException {
        Table table = table(2, Map.of("write.parquet.page-version", version, "write.parquet.page-row-limit", "1000"));
        List<Record> rows = new ArrayList<>();
        for (int file = 0; file < 3; file++) {
            rows.addAll(append(table, file, 12_000));
        }

        DataFile output =
                run(table, ProofLevel.COUNTS).results().get(0).outputs().get(0);

        for (long id : new long[] {0, 11_999, 12_000, 35_999, 17}) {
            long expected =
                    rows.stream().filter(row -> row.get(0, Long.class) == id).count();
            assertThat(found(output, FilterCompat.get(FilterApi.eq(FilterApi.longColumn("id"), id))))
                    .as("id %d", id)
                    .isEqualTo(expected);
        }
        for (String kind : List.of("kind 3", "kind 11")) {
            long expected = rows.stream()
                    .filter(row -> kind.equals(row.get(1, String.class)))
                    .count();
            assertThat(found(
                            output,
                            FilterCompat.get(FilterApi.eq(
                                    FilterApi.binaryColumn("kind"),
                                    org.apache.parquet.io.api.Binary.fromString(kind)))))
                    .isEqualTo(expected);
        }
        long nulls = rows.stream().filter(row -> row.get(1) == null).count();
        assertThat(found(output, FilterCompat.get(FilterApi.eq(FilterApi.binaryColumn("kind"), null))))
                .isEqualTo(nulls);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void dictionaries_that_differ_in_a_single_value_keep_every_row(int different) {
        Table table = table(2, Map.of());
        for (String other : List.of("x", "y")) {
            List<Record> rows = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                rows.add(row(i, "kind " + (i % 3 == different ? other : i % 3), null));
            }
            table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        }
        List<String> before = LocalTable.rows(table);

        Compaction.Done done = run(table, ProofLevel.COUNTS);

        assertThat(LocalTable.rows(table)).isEqualTo(before);
        assertThat(done.results().get(0).shares()).containsKey(Share.REMAPPED);
    }

    @Test
    void dictionaries_that_outgrow_the_limit_give_way_to_plain_pages() {
        Table table = table(2, Map.of("write.parquet.dict-size-bytes", "4096"));
        for (int file = 0; file < 4; file++) {
            List<Record> rows = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                rows.add(row(i, "file " + file + " kind " + random.nextInt(150), null));
            }
            table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        }

        Compaction.Done done = run(table, ProofLevel.FULL);

        RewriteResult result = done.results().get(0);
        ColumnChunkMetaData kind = footer(table, result.outputs().get(0))
                .getBlocks()
                .get(0)
                .getColumns()
                .get(1);
        assertThat(kind.getEncodingStats().hasDictionaryEncodedPages()).isTrue();
        assertThat(kind.getEncodingStats().hasNonDictionaryEncodedPages()).isTrue();
        assertThat(done.plan().groups().get(0).notByPage()).isNull();
    }

    @Test
    void values_too_long_for_a_footer_keep_their_counts_and_bounds() {
        Table table = table(2, Map.of());
        for (int file = 0; file < 3; file++) {
            List<Record> rows = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                rows.add(row(i, "k", i % 3 == 0 ? null : "%02d".formatted(file * 30 + i) + "x".repeat(9_000)));
            }
            table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        }

        DataFile output = run(table, ProofLevel.FULL).results().get(0).outputs().get(0);

        assertThat(output.nullValueCounts().get(3)).isEqualTo(30);
        assertThat(text(output.lowerBounds().get(3))).isEqualTo("01" + "x".repeat(14));
        assertThat(text(output.upperBounds().get(3))).isEqualTo("89" + "x".repeat(13) + "y");
        assertThat(footer(table, output)
                        .getBlocks()
                        .get(0)
                        .getColumns()
                        .get(2)
                        .getStatistics()
                        .getNumNulls())
                .isEqualTo(30);
    }

    @Test
    void a_few_deletes_leave_most_pages_as_they_are() {
        Table table = table(3, Map.of("write.parquet.page-row-limit", "10000"));
        for (int file = 0; file < 3; file++) {
            append(table, file, 40_000);
        }
        DataFile first = files(table).get(0);
        table.newRowDelta()
                .addDeletes(new TestFiles(table).vector(first, java.util.Set.of(3L, 4L, 9_999L)))
                .commit();

        Compaction.Done done = run(table, ProofLevel.FULL);

        RewriteResult result = done.results().get(0);
        long all = result.shares().values().stream().mapToLong(Long::longValue).sum();
        assertThat(result.rowsDropped()).isEqualTo(3);
        assertThat(result.shares().get(Share.COPIED)).as("%s", result.shares()).isGreaterThan(all / 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "snappy", "gzip", "uncompressed"})
    void files_of_duckdb_are_merged_by_field_id(String codec) throws SQLException {
        Table table = table(2, Map.of("write.parquet.compression-codec", codec));
        for (int file = 0; file < 3; file++) {
            duckdb(table, file, codec);
        }

        Compaction.Done done = run(table, ProofLevel.FULL);

        assertThat(done.plan().groups().get(0).notByPage()).isNull();
        assertThat(done.proof().rows()).isEqualTo(9_000);
        DataFile output = done.results().get(0).outputs().get(0);
        assertThat(output.nanValueCounts().get(4)).isEqualTo(3 * 30L);
        assertThat(output.nullValueCounts().get(2)).isEqualTo(3 * 300L);
    }

    private void duckdb(Table table, int file, String codec) throws SQLException {
        Path path = Path.of(table.location(), "data", "duck" + file + ".parquet");
        path.toFile().getParentFile().mkdirs();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(("copy (select range + %d as id, case when range %% 10 = 3 then null else 'kind ' ||"
                            + " (range * 7 %% 13) end as kind, md5(range::varchar) as \"text\", case when range %% 100"
                            + " = 7 then 'NaN'::double else range / 3 end as price, [range::int, null, 3] as tags"
                            + " from range(3000)) to '%s' (format parquet, compression %s, row_group_size 2048,"
                            + " field_ids {id: 1, kind: 2, \"text\": 3, price: 4, tags: {__duckdb_field_id: 5,"
                            + " element: 6}})")
                    .formatted(file * 3000, path, codec));
        }
        table.newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(path.toString())
                        .withFileSizeInBytes(path.toFile().length())
                        .withFormat(FileFormat.PARQUET)
                        .withRecordCount(3000)
                        .build())
                .commit();
    }

    @Test
    void rows_are_exact_over_row_groups_whose_memory_is_used_again() {
        Table table = table(3, Map.of("write.parquet.row-group-size-bytes", Integer.toString(2 << 20)));
        for (int file = 0; file < 9; file++) {
            append(table, file, ROWS);
        }
        DataFile first = files(table).get(0);
        table.newRowDelta()
                .addDeletes(new TestFiles(table).vector(first, java.util.Set.of(3L, 4L, 9_999L)))
                .commit();

        Compaction.Done done = run(table, ProofLevel.FULL);

        ParquetMetadata footer = footer(table, done.results().get(0).outputs().get(0));
        assertThat(footer.getBlocks()).hasSizeGreaterThan(2);
        assertThat(done.proof().rows()).isEqualTo(9L * ROWS - 3);
    }

    private Table table(int version, Map<String, String> properties) {
        Map<String, String> all = new java.util.HashMap<>(properties);
        all.put("format-version", Integer.toString(version));
        return LocalTable.create(directory, SCHEMA, PartitionSpec.unpartitioned(), SortOrder.unsorted(), all);
    }

    private List<Record> append(Table table, int file, int count) {
        List<Record> rows = new ArrayList<>();
        byte[] noise = new byte[20];
        for (int i = 0; i < count; i++) {
            random.nextBytes(noise);
            int kind = random.nextInt(20);
            Record row = row(
                    (long) file * count + i,
                    kind == 0 ? null : "kind " + kind,
                    HexFormat.of().formatHex(noise));
            row.set(3, random.nextGaussian());
            row.set(
                    4,
                    i % 5 == 0
                            ? null
                            : Stream.iterate(kind, n -> n + 1).limit(i % 4).toList());
            rows.add(row);
        }
        table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        return rows;
    }

    private static Record row(
            long id, @org.jspecify.annotations.Nullable String kind, @org.jspecify.annotations.Nullable String text) {
        Record row = GenericRecord.create(SCHEMA);
        row.set(0, id);
        row.set(1, kind);
        row.set(2, text);
        return row;
    }

    private static Compaction.Done run(Table table, ProofLevel verify) {
        List<String> before = LocalTable.rows(table);
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 512L << 20));
        Compaction.Done done = Compaction.run(table, plan, ChosenRewriter.of(table), verify);
        assertThat(LocalTable.rows(table)).isEqualTo(before);
        return done;
    }

    private static List<DataFile> files(Table table) {
        List<DataFile> files = new ArrayList<>();
        try (var tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static ParquetMetadata footer(Table table, DataFile file) {
        return ParquetFooter.read(table.io().newInputFile(file.location()));
    }

    private static String text(java.nio.@org.jspecify.annotations.Nullable ByteBuffer bound) {
        assertThat(bound).isNotNull();
        return java.nio.charset.StandardCharsets.UTF_8
                .decode(java.util.Objects.requireNonNull(bound).duplicate())
                .toString();
    }

    private static long found(DataFile file, FilterCompat.Filter filter) throws IOException {
        long count = 0;
        try (ParquetReader<Group> reader = new Reading(file).withFilter(filter).build()) {
            while (reader.read() != null) {
                count++;
            }
        }
        return count;
    }

    private static final class Reading extends ParquetReader.Builder<Group> {
        Reading(DataFile file) {
            super(new LocalInputFile(Path.of(file.location())), new PlainParquetConfiguration());
        }

        @Override
        protected ReadSupport<Group> getReadSupport() {
            return new GroupReadSupport();
        }
    }
}
