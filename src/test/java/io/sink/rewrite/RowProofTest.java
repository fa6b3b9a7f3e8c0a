package io.sink.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.action.ProofFailedException;
import io.sink.compact.CompactPlan;
import io.sink.compact.Compaction;
import io.sink.compact.LocalTable;
import io.sink.compact.TestFiles;
import io.sink.rows.Fingerprint;
import io.sink.testing.Attempts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RowProofTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "left", Types.DoubleType.get()),
            Types.NestedField.optional(3, "right", Types.DoubleType.get()));

    @TempDir
    Path directory;

    private Table table;
    private FileGroup group;

    @BeforeEach
    void make_a_table() {
        table = LocalTable.create(
                directory.resolve("t"),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                SortOrder.unsorted(),
                Map.of("format-version", "2"));
        for (int file = 0; file < 3; file++) {
            List<Record> rows = List.of(row(file, 0.0, 1.0), row(file, Double.NaN, null), row(7, -0.0, 2.0));
            table.newAppend().appendFile(new TestFiles(table).data(rows, null)).commit();
        }
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 1 << 20));
        // As if rows had no order, for what only the fingerprint sees.
        FileGroup only = plan.groups().get(0);
        group = only.with("rows are read", only.footprint());
    }

    @Test
    void an_honest_rewrite_is_proved() {
        Proof proof = prove(rows -> rows, ProofLevel.FULL);

        assertThat(proof.rows()).isEqualTo(9);
        assertThat(proof.nulls()).isEqualTo(3);
        assertThat(proof.fingerprint()).isNotNull().isNotEqualTo(Fingerprint.NONE);
    }

    @Test
    void the_order_of_rows_does_not_matter() {
        Proof straight = prove(rows -> rows, ProofLevel.FULL);
        Proof reversed = prove(
                rows -> {
                    List<Record> back = new ArrayList<>(rows);
                    Collections.reverse(back);
                    return back;
                },
                ProofLevel.FULL);

        assertThat(reversed).isEqualTo(straight);
    }

    @Test
    void counts_see_a_row_dropped() {
        fails(
                rows -> rows.subList(1, rows.size()),
                ProofLevel.COUNTS,
                "live rows of the inputs and rows written: 9 and 8");
    }

    @Test
    void counts_see_a_row_duplicated() {
        fails(
                rows -> {
                    List<Record> more = new ArrayList<>(rows);
                    more.add(rows.get(0));
                    return more;
                },
                ProofLevel.COUNTS,
                "live rows of the inputs and rows written: 9 and 10");
    }

    @Test
    void counts_see_nulls_that_moved_to_another_column() {
        fails(RowProofTest::swapped, ProofLevel.COUNTS, "nulls read and written in column left (field id 2): 0 and 3");
    }

    @Test
    void only_the_fingerprint_sees_two_columns_swapped_where_neither_has_nulls() {
        UnaryOperator<List<Record>> swap = rows -> rows.stream()
                .map(row -> row.get(2) == null ? row : swapped(row))
                .toList();

        assertThat(prove(swap, ProofLevel.COUNTS).rows()).isEqualTo(9);
        fails(swap, ProofLevel.FULL, "fingerprint of the live rows");
    }

    @Test
    void only_the_fingerprint_sees_one_row_in_place_of_another() {
        fails(
                rows -> {
                    List<Record> other = new ArrayList<>(rows);
                    other.set(0, rows.get(3));
                    return other;
                },
                ProofLevel.FULL,
                "fingerprint of the live rows");
    }

    @Test
    void the_sign_of_zero_counts() {
        fails(
                rows -> rows.stream()
                        .map(row -> row(
                                row.get(0, Long.class),
                                row.get(1, Double.class) == 0 ? 0.0 : row.get(1, Double.class),
                                row.get(2, Double.class)))
                        .toList(),
                ProofLevel.FULL,
                "fingerprint of the live rows");
    }

    @Test
    void a_manifest_with_another_number_of_rows_than_the_file() {
        RewriteResult result = new BrokenRewriter(table, rows -> rows).rewrite(group, location -> {}, () -> false);
        DataFile file = result.outputs().get(0);
        DataFile wrong = DataFiles.builder(table.spec())
                .copy(file)
                .withRecordCount(file.recordCount() - 1)
                .build();
        List<DataFile> outputs = new ArrayList<>(result.outputs());
        outputs.set(0, wrong);

        assertThatThrownBy(() -> new RowProof(table, Attempts.MEMORY)
                        .prove(
                                group,
                                new RewriteResult(outputs, result.rowsRead(), result.rowsDropped(), result.nulls()),
                                ProofLevel.COUNTS,
                                () -> false))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageStartingWith("rows in the file and in the metadata of " + file.location());
    }

    private static List<Record> swapped(List<Record> rows) {
        return rows.stream().map(RowProofTest::swapped).toList();
    }

    private static Record swapped(Record row) {
        return row(row.get(0, Long.class), row.get(2, Double.class), row.get(1, Double.class));
    }

    private Proof prove(UnaryOperator<List<Record>> fault, ProofLevel verify) {
        RewriteResult result = new BrokenRewriter(table, fault).rewrite(group, location -> {}, () -> false);
        return new RowProof(table, Attempts.MEMORY)
                .prove(group, result, verify, () -> false)
                .proof();
    }

    private void fails(UnaryOperator<List<Record>> fault, ProofLevel verify, String message) {
        assertThatThrownBy(() -> prove(fault, verify))
                .isInstanceOf(ProofFailedException.class)
                .hasMessageStartingWith(message);
    }

    private static Record row(long id, @Nullable Double left, @Nullable Double right) {
        Record row = GenericRecord.create(SCHEMA);
        row.set(0, id);
        row.set(1, left);
        row.set(2, right);
        return row;
    }
}
