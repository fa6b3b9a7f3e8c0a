package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankedTest {
    private final List<String> heard = new ArrayList<>();
    private final RunListener to = new RunListener() {
        @Override
        public void started(RunHeader header) {}

        @Override
        public void table(TableReport report) {
            heard.add(report.table());
        }

        @Override
        public void ended(RunSummary summary) {
            heard.add("end of " + summary.total());
        }
    };

    private static TableReport gaining(String table, Effect... effects) {
        return Reported.table(
                table,
                java.util.Arrays.stream(effects)
                        .map(effect -> new ActionResult(Reason.WOULD_EXPIRE, "", effect, ActionResult.Files.NONE, null))
                        .toArray(ActionResult[]::new));
    }

    private void tell(int top) {
        Ranked ranked = new Ranked(to, top);
        ranked.table(gaining("small", Effect.of(Counter.BYTES_FREED, 10)));
        ranked.table(gaining("none", Effect.NONE));
        // 3 files fewer, at 4 MiB each
        ranked.table(gaining(
                "files",
                Effect.of(Counter.DATA_FILES_REWRITTEN, 4).plus(Counter.DATA_FILES_WRITTEN, 1),
                Effect.of(Counter.BYTES_FREED, 1)));
        ranked.table(gaining("bytes", Effect.of(Counter.BYTES_FREED, 12 << 20)));
        ranked.table(gaining("also", Effect.NONE));
        ranked.ended(new RunSummary(Reported.START, 0, Map.of(), Effect.NONE, null, List.of()));
    }

    @Test
    void hands_on_the_tables_with_the_most_to_gain_first_and_then_by_name() {
        tell(Integer.MAX_VALUE);

        assertThat(heard).containsExactly("files", "bytes", "small", "also", "none", "end of 0");
    }

    @Test
    void hands_on_no_more_than_asked_for() {
        tell(2);

        assertThat(heard).containsExactly("files", "bytes", "end of 0");
    }
}
