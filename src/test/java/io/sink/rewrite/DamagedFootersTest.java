package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.PlanDecision;
import io.sink.compact.TestFiles;
import io.sink.testing.Attempts;
import io.sink.testing.Draws;
import io.sink.testing.FooterDamages;
import io.sink.testing.FooterDamages.Damage;
import io.sink.testing.ForeignFiles;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each field and each bit of a footer, and each bit of the headers of pages, is damaged in turn: the file is refused,
 * or its rows are those that it had, by DuckDB. {@code -Dsink.footers} says how many of the damages of each file are
 * drawn.
 */
@ExtendWith(Seeds.Given.class)
final class DamagedFootersTest {
    private static final String SIZE = "sink.footers";

    @TempDir
    Path directory;

    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.IntegerType.get()),
            Types.NestedField.optional(2, "number", Types.IntegerType.get()),
            Types.NestedField.optional(3, "amount", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(4, "day", Types.DateType.get()),
            Types.NestedField.optional(5, "text", Types.StringType.get()),
            Types.NestedField.optional(6, "list", Types.ListType.ofOptional(20, Types.LongType.get())),
            Types.NestedField.optional(
                    7, "map", Types.MapType.ofOptional(21, 22, Types.StringType.get(), Types.DoubleType.get())),
            Types.NestedField.optional(
                    8,
                    "struct",
                    Types.StructType.of(
                            Types.NestedField.optional(23, "left", Types.IntegerType.get()),
                            Types.NestedField.optional(24, "right", Types.StringType.get()))));

    private static final Map<String, Map<String, String>> LAYOUTS = Map.of(
            "dictionary-v1", Map.of("write.parquet.page-version", "v1"),
            "plain-v1", Map.of("write.parquet.page-version", "v1", "parquet.enable.dictionary", "false"),
            "dictionary-v2", Map.of("write.parquet.page-version", "v2"),
            "delta-v2",
                    Map.of(
                            "write.parquet.page-version", "v2",
                            "parquet.enable.dictionary", "false",
                            "write.parquet.row-group-size-bytes", "600",
                            "write.parquet.row-group-check-min-record-count", "1"));

    @ParameterizedTest
    @ValueSource(strings = {"dictionary-v1", "plain-v1", "dictionary-v2", "delta-v2"})
    void merges_pages_of_what_iceberg_wrote_as_it_was(String layout, Seeds seeds) throws Exception {
        seeds.once(SIZE, random -> damage(layout, iceberg(layout, false), random));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dictionary-v1", "plain-v1", "dictionary-v2", "delta-v2"})
    void sorts_records_of_what_iceberg_wrote_as_they_were(String layout, Seeds seeds) throws Exception {
        seeds.once(SIZE, random -> damage(layout + " sorted", iceberg(layout, true), random));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lz4.polars", "all-null.pyarrow", "lz4-v2.pyarrow", "nanos.pyarrow", "brotli.polars"})
    void rewrites_what_others_wrote_as_it_was(String name, Seeds seeds) throws Exception {
        String location = Files.createDirectories(directory.resolve(name)).toString();
        Path file = Files.copy(
                Path.of(getClass().getResource("/world/" + name + ".parquet").toURI()),
                directory.resolve(name + ".parquet"));
        FooterDamages.makeRoom(file);
        Table table = ForeignFiles.register(new LocalFileIO(), location, file, 2, "time");
        seeds.once(SIZE, random -> damage(name, table, random));
    }

    private Table iceberg(String layout, boolean sorted) throws IOException {
        Map<String, String> properties = new HashMap<>(LAYOUTS.get(layout));
        properties.put("format-version", "2");
        Table table = LocalTable.create(
                directory.resolve(layout + sorted),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                sorted ? SortOrder.builderFor(SCHEMA).asc("id").build() : SortOrder.unsorted(),
                properties);
        for (int file = 0; file < 2; file++) {
            List<Record> rows = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                rows.add(row(file * 100 + i));
            }
            DataFile written = new TestFiles(table).data(rows, null);
            Path path = Path.of(written.location());
            FooterDamages.makeRoom(path);
            table.newAppend()
                    .appendFile(DataFiles.builder(table.spec())
                            .copy(written)
                            .withFileSizeInBytes(Files.size(path))
                            .build())
                    .commit();
        }
        return table;
    }

    private static Record row(int i) {
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", i);
        row.setField("number", i % 4 == 0 ? null : i * 3);
        row.setField("amount", i % 5 == 0 ? null : new BigDecimal(i * 7).movePointLeft(2));
        row.setField("day", i % 3 == 0 ? null : LocalDate.of(2020, 1, 1).plusDays(i % 6));
        row.setField("text", i % 7 == 0 ? null : "text " + i % 5);
        row.setField("list", i % 6 == 0 ? null : Collections.nCopies(i % 4, i % 2 == 0 ? null : (long) i));
        Map<String, Double> map = new TreeMap<>();
        for (int k = 0; k < i % 3; k++) {
            map.put("k" + k, k == 1 ? null : i / 2.0);
        }
        row.setField("map", i % 8 == 0 ? null : map);
        Record struct = GenericRecord.create(SCHEMA.findField("struct").type().asStructType());
        struct.setField("left", i % 2 == 0 ? null : i);
        struct.setField("right", "r" + i);
        row.setField("struct", i % 9 == 0 ? null : struct);
        return row;
    }

    private void damage(String what, Table table, Draws random) throws Exception {
        List<String> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file().location()));
        }
        Path victim = Path.of(files.get(random.nextInt(files.size())));
        byte[] whole = Files.readAllBytes(victim);
        int most = Integer.getInteger(SIZE, 12);
        // A bit seldom makes a difference: half of what is drawn are fields.
        List<Damage> damages = drawn(FooterDamages.fields(whole), most / 2, random);
        damages.addAll(drawn(FooterDamages.bits(whole), most / 4, random));
        damages.addAll(drawn(FooterDamages.pageHeaderBits(whole), most / 4, random));
        Map<String, Integer> counts = new TreeMap<>();
        List<String> differing = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
            List<String> original = rows(duckdb, table.schema(), files);
            for (Damage damage : damages) {
                Files.write(victim, damage.of(whole));
                List<String> outputs = rewritten(table);
                List<String> rows = outputs == null ? null : rows(duckdb, table.schema(), outputs);
                String outcome = rows == null ? "refused" : rows.equals(original) ? "equal" : "differing";
                counts.merge(outcome, 1, Integer::sum);
                if (outcome.equals("differing")) {
                    differing.add(damage.what());
                }
                if (outputs != null) {
                    for (String output : outputs) {
                        Files.deleteIfExists(Path.of(output));
                    }
                }
            }
        }
        System.out.printf("%s: %d damages, %s%n", what, damages.size(), counts);
        assertThat(differing).as("damages of %s that are other rows", what).isEmpty();
    }

    private static List<Damage> drawn(List<Damage> damages, int most, Draws random) {
        List<Damage> drawn = new ArrayList<>(damages);
        Collections.shuffle(drawn, random);
        return new ArrayList<>(drawn.subList(0, Math.min(most, drawn.size())));
    }

    /** The files that a compaction would leave; null where it is refused. */
    private static @Nullable List<String> rewritten(Table table) {
        try {
            PlanDecision decision = Compaction.plan(table, Compaction.policy(1, 2, 1L << 30));
            if (!(decision instanceof CompactPlan plan)) {
                return null;
            }
            List<String> outputs = new ArrayList<>();
            for (FileGroup group : plan.groups()) {
                RewriteResult result = ChosenRewriter.of(table).rewrite(group, location -> {}, () -> false);
                new RowProof(table, Attempts.MEMORY).prove(group, result, ProofLevel.COUNTS, () -> false);
                result.outputs().stream().map(DataFile::location).forEach(outputs::add);
            }
            return outputs;
        } catch (RuntimeException e) {
            assertThat(e).as("what a report can say").hasMessageMatching("(?s).+");
            return null;
        }
    }

    private static List<String> rows(Connection duckdb, Schema schema, List<String> files) throws SQLException {
        String sql = "SELECT t::VARCHAR FROM (SELECT " + ForeignFiles.columns(schema) + " FROM read_parquet(["
                + files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", ")) + "])) t ORDER BY 1";
        List<String> rows = new ArrayList<>();
        try (Statement statement = duckdb.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }
}
