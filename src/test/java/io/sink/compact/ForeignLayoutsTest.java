package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.pages.SchemaMatch;
import io.sink.testing.AnyForeignRows;
import io.sink.testing.Compacting;
import io.sink.testing.Draws;
import io.sink.testing.ForeignFiles;
import io.sink.testing.OtherWriter;
import io.sink.testing.OtherWriter.Footer;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables of files in the layouts of other writers, compacted, and compared with what DuckDB reads of the same rows in a
 * plain layout. {@code -Dsink.cases} says how many.
 */
@ExtendWith(Seeds.Given.class)
class ForeignLayoutsTest {
    private static final List<CompressionCodecName> CODECS = List.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.GZIP,
            CompressionCodecName.ZSTD,
            CompressionCodecName.LZ4_RAW,
            CompressionCodecName.BROTLI);

    private static final OtherWriter PLAIN = new OtherWriter(
            CompressionCodecName.UNCOMPRESSED, false, false, false, 20_000, 1 << 20, false, Footer.TRUE);

    @TempDir
    Path folder;

    /** What field ids a file has. */
    private enum Ids {
        /** None: its columns are found by name. */
        NONE,
        /** Those of the table. */
        ALL,
        /** Those of the table, without some. */
        SOME,
        /** Those of the table, one of them in the place of another too. */
        REPEATED;

        MessageType of(MessageType stored, Random random) {
            if (this == NONE) {
                return stored;
            }
            MessageType numbered = ForeignFiles.numbered(stored);
            if (this == ALL) {
                return numbered;
            }
            List<Integer> ids = ids(numbered);
            Map<Integer, Integer> changed = new HashMap<>();
            if (this == SOME) {
                for (int i = random.nextInt(2); i >= 0; i--) {
                    changed.put(ids.get(random.nextInt(ids.size())), null);
                }
            } else {
                int one = random.nextInt(ids.size());
                int other = (one + 1 + random.nextInt(ids.size() - 1)) % ids.size();
                changed.put(ids.get(one), ids.get(other));
            }
            return new MessageType(numbered.getName(), changed(numbered, changed));
        }

        private static List<Integer> ids(GroupType group) {
            List<Integer> ids = new ArrayList<>();
            for (Type field : group.getFields()) {
                if (field.getId() != null) {
                    ids.add(field.getId().intValue());
                }
                if (!field.isPrimitive()) {
                    ids.addAll(ids(field.asGroupType()));
                }
            }
            return ids;
        }

        private static List<Type> changed(GroupType group, Map<Integer, Integer> ids) {
            List<Type> fields = new ArrayList<>();
            for (Type field : group.getFields()) {
                Type same = field.isPrimitive()
                        ? field
                        : field.asGroupType().withNewFields(changed(field.asGroupType(), ids));
                Integer id = same.getId() == null ? null : same.getId().intValue();
                fields.add(id == null || !ids.containsKey(id) ? same : with(same, ids.get(id)));
            }
            return fields;
        }

        private static Type with(Type field, @Nullable Integer id) {
            if (id != null) {
                return field.withId(id);
            }
            if (field.isPrimitive()) {
                PrimitiveType primitive = field.asPrimitiveType();
                return Types.primitive(primitive.getPrimitiveTypeName(), primitive.getRepetition())
                        .length(primitive.getTypeLength())
                        .as(primitive.getLogicalTypeAnnotation())
                        .named(primitive.getName());
            }
            return Types.buildGroup(field.getRepetition())
                    .as(field.getLogicalTypeAnnotation())
                    .addFields(field.asGroupType().getFields().toArray(Type[]::new))
                    .named(field.getName());
        }
    }

    @TestFactory
    List<DynamicTest> keep_every_value(Seeds seeds) {
        return seeds.tests(30, this::keeps);
    }

    private void keeps(Draws random) throws Exception {
        Path place = Files.createDirectories(folder.resolve("t" + random.seed()));
        AnyForeignRows any = new AnyForeignRows(random);
        MessageType schema = any.schema();
        List<Group> rows = any.rows(schema, random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(60));
        Path plain = place.resolve("plain.parquet");
        PLAIN.write(plain, schema, rows);
        Path odd = place.resolve("odd.parquet");
        OtherWriter writer = writer(random);
        Ids ids = Ids.values()[Math.max(0, random.nextInt(6) - 2)];
        MessageType numbered = ids.of(schema, random);
        writer.write(odd, numbered, rows);
        BaseTable table = ForeignFiles.register(
                new LocalFileIO(),
                Files.createDirectories(place.resolve("table")).toString(),
                odd,
                3);
        if (random.nextInt(3) == 0) {
            table.replaceSortOrder().desc("id").commit();
        }
        if (ids != Ids.NONE && random.nextBoolean()) {
            table.updateProperties().remove("schema.name-mapping.default").commit();
        }
        List<String> expected = new ArrayList<>();
        List<String> once = rows(table, List.of(plain));
        Collections.nCopies(3, once).forEach(expected::addAll);
        expected.sort(null);

        boolean oldLists = schema.getFields().stream()
                .anyMatch(column -> !column.isPrimitive()
                        && LogicalTypeAnnotation.listType().equals(column.getLogicalTypeAnnotation())
                        && SchemaMatch.isOfTwoLevels(column.asGroupType()));
        Compacting compacting = oldLists ? Compacting.small().counting() : Compacting.small();
        List<Path> before = live(table);

        ActionResult result = compacting.execute(table.operations());

        if (ids == Ids.REPEATED || ids == Ids.SOME && result.reason() != Reason.COMPACTED) {
            // Nobody can tell which column is which, or whether one is missing.
            assertThat(result.reason().code())
                    .as("%s%n%s", numbered, result)
                    .isIn("unsupported-feature", "rewrite-error");
            assertThat(result.detail()).contains("odd.parquet");
            assertThat(live(table)).isEqualTo(before);
            return;
        }
        // Rows with lists of two levels cannot be read by Iceberg's reader, and pages are not sorted.
        boolean refused = oldLists && result.detail().contains("lists of two levels");
        assertThat(result.reason())
                .as("%s%n%s%n%s%n%s", ids, numbered, writer, result)
                .isEqualTo(refused ? Reason.UNSUPPORTED_FEATURE : Reason.COMPACTED);
        if (refused) {
            assertThat(live(table)).isEqualTo(before);
        } else {
            assertThat(rows(table, live(table)))
                    .as("%s%n%s%n%s", ids, numbered, writer)
                    .isEqualTo(expected);
        }
    }

    private static OtherWriter writer(Draws random) {
        Footer footer = new Footer(
                random.nextBoolean() ? null : "somebody version 1.0",
                1 + random.nextInt(3),
                random.nextInt(3) > 0,
                random.nextBoolean());
        boolean dictionary = random.nextBoolean();
        return new OtherWriter(
                CODECS.get(random.nextInt(CODECS.size())),
                random.nextBoolean(),
                dictionary,
                dictionary,
                1 + random.nextInt(30),
                1 + random.nextInt(60),
                random.nextInt(3) == 0,
                footer);
    }

    private static List<Path> live(BaseTable table) throws IOException {
        List<Path> live = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> live.add(Path.of(task.file().location())));
        }
        return live;
    }

    /** Each row as a text, sorted. */
    private static List<String> rows(BaseTable table, List<Path> files) throws SQLException {
        if (files.isEmpty()) {
            return List.of();
        }
        String sql = "SELECT t::VARCHAR FROM (SELECT " + ForeignFiles.columns(table.schema()) + " FROM read_parquet(["
                + files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", ")) + "])) t ORDER BY 1";
        List<String> rows = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
        }
        rows.sort(null);
        return rows;
    }
}
