package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.CompactPlan;
import io.sink.compact.CompactPolicy;
import io.sink.compact.Compaction;
import io.sink.compact.GeneratedTable;
import io.sink.compact.LocalTable;
import io.sink.compact.PlanDecision;
import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.testing.Draws;
import io.sink.testing.Seeds;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every rewriter must do, over tables with a random past. {@code -Dsink.cases} says how many.
 */
@ExtendWith(Seeds.Given.class)
abstract class GroupRewriterContract {
    @TempDir
    Path directory;

    /** The rewriter to hold to the contract. */
    abstract GroupRewriter rewriter(Table table);

    @TestFactory
    List<DynamicTest> keeps_every_row_and_its_lineage(Seeds seeds) {
        return seeds.tests(30, this::keeps);
    }

    private void keeps(Draws random) {
        Table table = GeneratedTable.of(directory.resolve("t" + random.seed()), random);
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
        done.results().forEach(result -> result.outputs().forEach(file -> describesItself(table, file)));
        List<String> written = done.results().stream()
                .flatMap(result -> result.outputs().stream())
                .map(DataFile::location)
                .toList();
        assertThat(done.announced()).containsExactlyInAnyOrderElementsOf(written);
    }

    private static void describesItself(Table table, DataFile file) {
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
                    .as("%s, %s", table.schema(), table.properties())
                    .isNotEmpty();
        }
        assertThat(file.sortOrderId())
                .isEqualTo(table.sortOrder().isSorted() ? table.sortOrder().orderId() : 0);
        assertThat(table.io().newInputFile(file.location()).getLength()).isEqualTo(file.fileSizeInBytes());
    }
}
