package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is mailed of a night. */
class OnlyProblemsTest {

    private static List<TableReport> with(Outcome... outcomes) {
        return Reported.everyReason().stream()
                .filter(table -> List.of(outcomes).contains(table.outcome()))
                .toList();
    }

    private static String report(List<TableReport> tables, Set<Reason> failing) {
        return Reported.by(to -> new OnlyProblems(Reported.text(false).apply(to), failing, () -> {}), tables);
    }

    @Test
    void nothing_where_nothing_failed() {
        assertThat(report(with(Outcome.DONE, Outcome.SKIPPED, Outcome.DEFERRED, Outcome.PLANNED), Set.of()))
                .isEmpty();
    }

    @Test
    void each_failed_table_and_the_totals_of_all() {
        List<TableReport> failed = with(Outcome.FAILED);

        String written = report(Reported.everyReason(), Set.of());

        assertThat(written)
                .startsWith("sink 0.1.0  maintain   run 01JD8XAMPLE")
                .contains(failed.stream().map(TableReport::table).toList())
                .contains(Reported.everyReason().size() + " tables:", "exit 20");
        assertThat(written.lines().filter(line -> line.startsWith("lake.web.") && line.contains(" FAILED ")))
                .hasSameSizeAs(failed);
        assertThat(written).doesNotContain("lake.web.expired ", "lake.web.commit-conflict ");
    }

    @Test
    void also_what_counts_as_a_failure_for_this_run() {
        assertThat(report(Reported.everyReason(), Set.of(Reason.COMMIT_CONFLICT)))
                .contains("lake.web.commit-conflict ")
                .doesNotContain("lake.web.deferred-budget ");
    }
}
