package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.compact.PlanDecision.Stay;
import io.sink.outcome.Reason;
import io.sink.rewrite.Attempt;
import io.sink.rewrite.ChosenRewriter;
import io.sink.rewrite.FooterCheck;
import io.sink.rewrite.ParquetFooter;
import io.sink.rewrite.RecordRewriter;
import io.sink.rewrite.RewriteResult;
import io.sink.testing.Attempts;
import io.sink.testing.IcebirdFixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IcebirdCompactionTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "events_v3_day",
                "events_v3_deleted",
                "events_v2_deleted",
                "events_v3_rewritten",
                "events_v2_session",
                "events_v3_new_icebird"
            })
    void a_table_written_by_icebird_keeps_the_rows_its_writer_sees(String name) throws IOException {
        Table table = open(name);
        List<String> expected = Files.readAllLines(new IcebirdFixtures(directory).expectedRows(name));

        PlanDecision decision = Compaction.plan(table, Compaction.policy(1, 2, 128 << 20));

        if (decision instanceof CompactPlan plan) {
            Compaction.run(table, plan, new RecordRewriter(Attempt.of(table, "run", Attempts.MEMORY)));
        } else {
            assertThat(((Stay) decision).reason()).isEqualTo(Reason.NOTHING_TO_REWRITE);
        }
        assertThat(LocalTable.rows(table)).containsExactlyElementsOf(expected);
        assertThat(decision instanceof CompactPlan).isEqualTo(!name.equals("events_v3_rewritten"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"events_v3_deleted", "events_v2_deleted", "events_v2_session"})
    void and_keeps_them_where_its_pages_are_merged(String name) throws IOException {
        Table table = open(name);
        List<String> expected = Files.readAllLines(new IcebirdFixtures(directory).expectedRows(name));
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 128 << 20));

        Compaction.run(table, plan, ChosenRewriter.of(table));

        assertThat(plan.groups()).allMatch(group -> group.notByPage() == null);
        assertThat(LocalTable.rows(table)).containsExactlyElementsOf(expected);
    }

    @Test
    void position_deletes_whose_bounds_were_cut_stay_deleted() throws IOException {
        Table table = open("events_v2_deleted");
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 128 << 20));

        Compaction.Done done =
                Compaction.run(table, plan, new RecordRewriter(Attempt.of(table, "run", Attempts.MEMORY)));

        assertThat(LocalTable.rows(table)).hasSize(276);
        assertThat(done.proof().rows()).isEqualTo(276);
        assertThat(done.results().stream().mapToLong(RewriteResult::rowsDropped).sum())
                .isEqualTo(24);
    }

    @Test
    void snappy_stays_snappy_where_the_table_names_no_codec() throws IOException {
        Table table = open("events_v3_day");
        CompactPlan plan = (CompactPlan) Compaction.plan(table, Compaction.policy(1, 2, 128 << 20));

        Compaction.Done done =
                Compaction.run(table, plan, new RecordRewriter(Attempt.of(table, "run", Attempts.MEMORY)));

        assertThat(done.results().stream().flatMap(result -> result.outputs().stream()))
                .allSatisfy(file -> assertThat(
                                FooterCheck.codec(ParquetFooter.read(table.io().newInputFile(file))))
                        .hasValueSatisfying(codec -> assertThat(codec.name()).isEqualTo("SNAPPY")));
    }

    @Test
    void a_table_without_a_snapshot_is_left_alone() throws IOException {
        PlanDecision decision = Compaction.plan(open("empty_v3"), Compaction.policy(1, 2, 128 << 20));

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Stay.class, stay -> assertThat(stay.reason()).isEqualTo(Reason.NO_CURRENT_SNAPSHOT));
    }

    private Table open(String name) throws IOException {
        IcebirdFixtures fixtures = IcebirdFixtures.unpack(directory);
        String metadata = fixtures.metadata(name).getFileName().toString();
        return LocalTable.open("blob://iceberg/datasets/" + name + "/metadata/" + metadata, fixtures::locate);
    }
}
