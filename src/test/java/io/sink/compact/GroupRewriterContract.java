package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every rewriter must do, over tables with a random past. {@code -Dsink.cases} says how many, {@code -Dsink.seed} the
 * first seed; the seed is the name of each test.
 */
abstract class GroupRewriterContract {
    private static final int CASES = Integer.getInteger("sink.cases", 30);
    private static final long SEED = Long.getLong("sink.seed", new Random().nextInt(1_000_000));

    @TempDir
    Path directory;

    /** The rewriter to hold to the contract. */
    abstract GroupRewriter rewriter(Table table);

    @TestFactory
    List<DynamicTest> keeps_every_row_and_its_lineage() {
        List<DynamicTest> tests = new ArrayList<>();
        LongStream.range(SEED, SEED + CASES)
                .forEach(seed -> tests.add(DynamicTest.dynamicTest("seed " + seed, () -> keeps(seed))));
        return tests;
    }

    private void keeps(long seed) {
        Random random = new Random(~seed);
        Table table = GeneratedTable.of(directory.resolve("t" + seed), seed);
        List<String> before = LocalTable.rows(table);
        CompactPolicy policy = Compaction.policy(1, 2 + random.nextInt(3), 2_000L << random.nextInt(12));

        PlanDecision decision = Compaction.plan(table, policy);

        if (decision instanceof Stay stay) {
            assertThat(stay.reason()).as(stay.detail()).isEqualTo(Reason.NOTHING_TO_REWRITE);
            return;
        }
        CompactPlan plan = (CompactPlan) decision;
        Compaction.Done done = Compaction.run(table, plan, rewriter(table));
        assertThat(LocalTable.rows(table)).containsExactlyElementsOf(before);
        done.results().forEach(result -> result.outputs().forEach(file -> describesItself(table, file, seed)));
        List<String> written = done.results().stream()
                .flatMap(result -> result.outputs().stream())
                .map(DataFile::location)
                .toList();
        assertThat(done.announced()).containsExactlyInAnyOrderElementsOf(written);
    }

    private static void describesItself(Table table, DataFile file, long seed) {
        assertThat(file.recordCount()).isPositive();
        assertThat(file.specId()).isEqualTo(table.spec().specId());
        assertThat(file.splitOffsets()).isNotEmpty();
        // Iceberg counts no values inside of lists and maps, a column of the unknown type has none, and one without
        // statistics no count
        boolean counted = table.schema().columns().stream()
                .filter(column ->
                        column.type().isPrimitiveType() && column.type().typeId() != Type.TypeID.UNKNOWN)
                .anyMatch(column ->
                        !"false".equals(table.properties().get("write.parquet.stats-enabled.column." + column.name())));
        if (counted) {
            assertThat(file.valueCounts())
                    .as("seed %d, %s, %s", seed, table.schema(), table.properties())
                    .isNotEmpty();
        }
        assertThat(file.sortOrderId())
                .isEqualTo(table.sortOrder().isSorted() ? table.sortOrder().orderId() : 0);
        assertThat(table.io().newInputFile(file.location()).getLength()).isEqualTo(file.fileSizeInBytes());
    }
}
