package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sink.compact.AnyLayout;
import io.sink.compact.AnySchema;
import io.sink.compact.AnyValues;
import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.PlanDecision;
import io.sink.compact.TestFiles;
import io.sink.rows.RowFiles;
import io.sink.testing.Attempts;
import io.sink.testing.Draws;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A damaged file ends in a reason, or its rewrite has the rows that its readers saw: never others, never a hang, never
 * all of the memory. {@code -Dsink.cases} says how many.
 */
@ExtendWith(Seeds.Given.class)
final class DamagedFilesTest {
    private static final int DAMAGES = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @TestFactory
    List<DynamicTest> gives_a_reason_or_the_rows_that_readers_saw(Seeds seeds) {
        return seeds.tests(25, this::damages);
    }

    private void damages(Draws random) throws IOException {
        Schema schema = new AnySchema(random, 2).schema();
        Table table = LocalTable.create(
                directory.resolve("t" + random.seed()),
                schema,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of("format-version", "2"));
        AnyLayout layouts = new AnyLayout(random);
        AnyValues values = new AnyValues(random);
        List<DataFile> files = new ArrayList<>();
        for (int file = 0; file < 3; file++) {
            layouts.change(table);
            List<Record> rows = new ArrayList<>();
            for (int i = 30 + random.nextInt(60); i > 0; i--) {
                rows.add(values.row(schema.asStruct()));
            }
            files.add(new TestFiles(table).data(rows, null));
            table.newAppend().appendFile(files.get(file)).commit();
        }
        List<String> original = sorted(rows(table, files));
        Path victim = Path.of(files.get(random.nextInt(files.size())).location());
        byte[] whole = Files.readAllBytes(victim);
        for (int damage = 0; damage < DAMAGES; damage++) {
            Files.write(victim, damaged(whole, random));
            assertTimeoutPreemptively(PATIENCE, () -> rewrite(table, files, original));
        }
    }

    private static byte[] damaged(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        switch (random.nextInt(5)) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                int at = random.nextInt(bytes.length);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
            }
            case 2 -> {
                for (int i = 1 + random.nextInt(8); i > 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            case 3 -> {
                // In the footer, where lengths and counts are.
                int length = Math.min(bytes.length - 8, 2000);
                bytes[bytes.length - 8 - 1 - random.nextInt(length)] = (byte) random.nextInt();
            }
            default -> {
                int from = random.nextInt(bytes.length);
                int until = Math.min(bytes.length, from + 1 + random.nextInt(64));
                Arrays.fill(bytes, from, until, (byte) 0);
            }
        }
        return bytes;
    }

    private void rewrite(Table table, List<DataFile> files, List<String> original) {
        List<DataFile> outputs;
        try {
            PlanDecision decision = Compaction.plan(table, Compaction.policy(1, 2, 1L << 30));
            if (!(decision instanceof CompactPlan plan)) {
                return;
            }
            outputs = new ArrayList<>();
            for (FileGroup group : plan.groups()) {
                RewriteResult result = ChosenRewriter.of(table).rewrite(group, location -> {}, () -> false);
                new RowProof(table, Attempts.MEMORY).prove(group, result, ProofLevel.COLUMNS, () -> false);
                outputs.addAll(result.outputs());
            }
        } catch (RuntimeException e) {
            assertThat(e).as("what a report can say").hasMessageMatching("(?s).+");
            return;
        }
        List<String> written = sorted(rows(table, outputs));
        List<String> seen;
        try {
            seen = sorted(rows(table, files));
        } catch (RuntimeException e) {
            seen = null;
        }
        if (!written.equals(original) && !written.equals(seen)) {
            List<String> expected = new ArrayList<>(seen == null ? original : seen);
            List<String> missing = new ArrayList<>(expected);
            written.forEach(missing::remove);
            expected.forEach(written::remove);
            fail("rows that nobody saw: %s in place of %s", written, missing);
        }
    }

    private static List<String> rows(Table table, List<DataFile> files) {
        List<String> rows = new ArrayList<>();
        for (DataFile file : files) {
            try (CloseableIterable<Record> read =
                    RowFiles.written(table.io().newInputFile(file.location()), file.format(), RowFiles.schema(table))) {
                for (Record row : read) {
                    rows.add(text(row));
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return rows;
    }

    private static String text(@Nullable Object value) {
        if (value instanceof Record row) {
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                fields.add(text(row.get(i)));
            }
            return fields.toString();
        }
        if (value instanceof byte[] bytes) {
            return Arrays.toString(bytes);
        }
        if (value instanceof java.nio.ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return Arrays.toString(bytes);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(DamagedFilesTest::text).toList().toString();
        }
        if (value instanceof Map<?, ?> map) {
            List<String> entries = new ArrayList<>();
            map.forEach((key, one) -> entries.add(text(key) + "=" + text(one)));
            Collections.sort(entries);
            return entries.toString();
        }
        return String.valueOf(value);
    }

    private static List<String> sorted(List<String> rows) {
        List<String> sorted = new ArrayList<>(rows);
        Collections.sort(sorted);
        return sorted;
    }
}
