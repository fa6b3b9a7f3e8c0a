package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.GeneratedTable;
import io.sink.rows.RowFiles;
import io.sink.testing.Attempts;
import io.sink.testing.Draws;
import io.sink.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class PageRewriterTest extends GroupRewriterContract {
    @Override
    GroupRewriter rewriter(Table table) {
        return ChosenRewriter.of(table);
    }

    @TestFactory
    List<DynamicTest> counts_and_bounds_are_those_of_a_rewrite_by_records(Seeds seeds) {
        return seeds.tests(20, this::describesAlike);
    }

    private void describesAlike(Draws random) {
        Table table = GeneratedTable.of(directory.resolve("m" + random.seed()), random);
        if (!(Compaction.plan(table, Compaction.policy(1, 2, 64 << 20)) instanceof CompactPlan plan)) {
            return;
        }
        for (FileGroup group : plan.groups()) {
            if (group.notByPage() == null) {
                RewriteResult merged = new PageRewriter(
                                Attempt.of(table, "run", Attempts.MEMORY).proving(ProofLevel.COLUMNS))
                        .rewrite(group, location -> {}, () -> false);
                RewriteResult read = new RecordRewriter(Attempt.of(table, "run", Attempts.MEMORY))
                        .rewrite(group, location -> {}, () -> false);
                assertThat(merged.rowsRead()).isEqualTo(read.rowsRead());
                assertThat(merged.rowsDropped()).isEqualTo(read.rowsDropped());
                assertThat(merged.nulls()).isEqualTo(read.nulls());
                assertThat(merged.outputs()).hasSameSizeAs(read.outputs());
                for (int i = 0; i < merged.outputs().size(); i++) {
                    alike(table, merged.outputs().get(i), read.outputs().get(i), read.rowsDropped() > 0);
                }
            }
        }
    }

    private static void alike(Table table, DataFile merged, DataFile read, boolean deletes) {
        assertThat(merged.recordCount()).isEqualTo(read.recordCount());
        assertThat(merged.valueCounts()).isEqualTo(read.valueCounts());
        assertThat(merged.nullValueCounts()).isEqualTo(read.nullValueCounts());
        assertThat(orNone(merged.nanValueCounts())).isEqualTo(orNone(read.nanValueCounts()));
        assertThat(merged.columnSizes().keySet()).isEqualTo(read.columnSizes().keySet());
        assertThat(merged.sortOrderId()).isEqualTo(read.sortOrderId());
        bounds(table, merged.lowerBounds(), read.lowerBounds(), deletes, -1);
        bounds(table, merged.upperBounds(), read.upperBounds(), deletes, 1);
    }

    private static Map<Integer, Long> orNone(@Nullable Map<Integer, Long> counts) {
        return counts == null ? Map.of() : counts;
    }

    /** Equal, or on the far side of it: after deletes, and where zero has two signs. */
    private static void bounds(
            Table table,
            @Nullable Map<Integer, ByteBuffer> merged,
            @Nullable Map<Integer, ByteBuffer> read,
            boolean deletes,
            int side) {
        Map<Integer, ByteBuffer> expected = read == null ? Map.of() : read;
        Map<Integer, ByteBuffer> found = merged == null ? Map.of() : merged;
        if (!deletes) {
            assertThat(found.keySet()).isEqualTo(expected.keySet());
        }
        expected.forEach((id, bound) -> {
            ByteBuffer other = found.get(id);
            assertThat(other).as("bound of field %d", id).isNotNull();
            Type.PrimitiveType type = RowFiles.schema(table).findType(id).asPrimitiveType();
            Object one = Conversions.fromByteBuffer(type, bound);
            Object two = Conversions.fromByteBuffer(type, other);
            int order = Comparators.forType(type).compare(two, one);
            boolean zero = one instanceof Number number && number.doubleValue() == 0;
            assertThat(order * side)
                    .as("bound %s in place of %s of field %d", two, one, id)
                    .isBetween(0, deletes || zero ? Integer.MAX_VALUE : 0);
        });
    }
}
