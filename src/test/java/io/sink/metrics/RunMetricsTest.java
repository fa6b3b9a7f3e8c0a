package io.sink.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import io.sink.report.Reported;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunMetricsTest {
    private static final String EARLIER = """
            # TYPE sink_table_last_success_timestamp_seconds gauge
            sink_run_last_success_timestamp_seconds{command="maintain"} 1.7E9
            sink_run_last_success_timestamp_seconds{command="orphans --delete"} 1.6E9
            sink_table_last_success_timestamp_seconds{action="expire",catalog="lake",command="maintain",table="lake.a"} 1.7E9
            sink_table_last_success_timestamp_seconds{action="compact",catalog="lake",command="maintain",table="lake.a"} 1.69E9
            sink_table_last_success_timestamp_seconds{action="expire",catalog="lake",command="orphans --delete",table="lake.a"} 1.6E9
            """;

    @Test
    void says_how_the_last_run_went() {
        String text = written(
                "",
                true,
                10,
                table("lake.a", Reason.EXPIRED, Effect.of(Counter.BYTES_FREED, 4096)),
                table("lake.b", Reason.EXPIRED, Effect.of(Counter.BYTES_FREED, 1)),
                table("lake.c", Reason.PERMISSION_DENIED, Effect.NONE));

        assertThat(text.lines())
                .contains(
                        "# TYPE sink_run_exit_code gauge",
                        "sink_run_version{command=\"maintain\",version=\"0.1.0\"} 1.0",
                        "sink_run_ended_timestamp_seconds{command=\"maintain\"} 1.795226413E9",
                        "sink_run_duration_seconds{command=\"maintain\"} 9.0",
                        "sink_run_exit_code{command=\"maintain\"} 20.0",
                        "sink_run_tables{command=\"maintain\",outcome=\"done\"} 2.0",
                        "sink_run_tables{command=\"maintain\",outcome=\"failed\"} 1.0",
                        "sink_run_tables{command=\"maintain\",outcome=\"deferred\"} 0.0",
                        "sink_run_freed_bytes{action=\"expire\",catalog=\"lake\",command=\"maintain\"} 4097.0",
                        actions("done", "expired", 2),
                        actions("failed", "permission-denied", 1),
                        success("lake.a", "expire", "1.795226413E9"))
                .noneMatch(line -> line.startsWith("sink_run_last_success"))
                .noneMatch(line -> line.startsWith(LastSuccess.TABLE) && line.contains("lake.c"));
        assertThat(text).doesNotContain("01JD8XAMPLE").doesNotContain("s3://").endsWith("\n");
    }

    @Test
    void keeps_when_a_table_last_went_well_while_it_fails() {
        String text = written(EARLIER, true, 10, table("lake.a", Reason.COMMIT_CONFLICT, Effect.NONE));

        assertThat(lasts(text))
                .containsExactlyInAnyOrder(
                        success("lake.a", "expire", "1.7E9"), success("lake.a", "compact", "1.69E9"));
        assertThat(written(text, true, 10, table("lake.a", Reason.STORAGE_ERROR, Effect.NONE)))
                .as("from its own text, again")
                .contains(lasts(text).toList());
        assertThat(written(EARLIER, true, 10, table("lake.a", Reason.PERMISSION_DENIED, Effect.NONE)))
                .contains("sink_run_last_success_timestamp_seconds{command=\"maintain\"} 1.7E9")
                .doesNotContain("orphans");
    }

    @Test
    void moves_it_on_where_nothing_was_due_and_not_where_a_cap_held() {
        assertThat(lasts(written(EARLIER, true, 10, table("lake.a", Reason.NOTHING_TO_EXPIRE, Effect.NONE))))
                .contains(success("lake.a", "expire", "1.795226413E9"));
        assertThat(lasts(written(EARLIER, true, 10, table("lake.a", Reason.EXPIRY_GUARD, Effect.NONE))))
                .contains(success("lake.a", "expire", "1.7E9"));
        assertThat(lasts(written(EARLIER, true, 10, table("lake.a", Reason.EXCLUDED, Effect.NONE))))
                .isEmpty();
    }

    @Test
    void forgets_a_table_only_when_it_is_known_to_be_gone() {
        TableReport other = table("lake.b", Reason.EXPIRED, Effect.NONE);
        TableReport unread = table("lake", Reason.CATALOG_UNREACHABLE, Effect.NONE);
        String kept = success("lake.a", "expire", "1.7E9");

        assertThat(lasts(written(EARLIER, true, 10, other))).doesNotContain(kept);
        assertThat(lasts(written(EARLIER, false, 10, other)))
                .as("others were not asked for")
                .contains(kept);
        assertThat(lasts(written(EARLIER, true, 10, unread)))
                .as("its catalog could not be read")
                .contains(kept);
        assertThat(lasts(Reported.by(to -> new RunMetrics(to, EARLIER, true, 10), List.of(other), "SIGTERM")))
                .as("stopped before its turn")
                .contains(kept);
    }

    @Test
    void gives_series_to_so_many_tables_and_failed_ones_first() {
        TableReport[] tables = IntStream.range(0, 40)
                .mapToObj(i -> table(
                        "lake.t%02d".formatted(i),
                        i == 33 ? Reason.STORAGE_ERROR : Reason.EXPIRED,
                        Effect.of(Counter.BYTES_FREED, 1)))
                .toArray(TableReport[]::new);
        String earlier = success("lake.t20", "expire", "1.7E9");

        String text = written(earlier, false, 3, tables);

        assertThat(text.lines().filter(line -> line.startsWith("sink_table_outcome{")))
                .hasSize(3)
                .anyMatch(line -> line.contains("lake.t33"))
                .anyMatch(line -> line.contains("lake.t20"))
                .anyMatch(line -> line.contains("lake.t00"));
        assertThat(text)
                .contains("sink_run_unlisted_tables{command=\"maintain\"} 37.0")
                .contains(actions("done", "expired", 39))
                .contains("sink_run_freed_bytes{action=\"expire\",catalog=\"lake\",command=\"maintain\"} 40.0");
        assertThat(text.lines()
                        .filter(line -> line.startsWith("sink_table_last_success"))
                        .count())
                .isLessThanOrEqualTo(3);
        assertThat(written(text, false, 0, tables)).doesNotContain("sink_table_outcome{");
    }

    @Test
    void keeps_hostile_names_in_their_labels() {
        List<TableReport> hostile = Reported.HOSTILE.stream()
                .map(name -> new TableReport(
                        name + "\"} 1\nsink_run_exit_code{command=\"maintain\"} 0",
                        "lake",
                        null,
                        "",
                        null,
                        null,
                        List.of(action(Reason.EXPIRED, Effect.NONE))))
                .toList();

        String text = Reported.by(to -> new RunMetrics(to, "", true, 100), hostile);

        assertThat(text.lines())
                .allMatch(line ->
                        line.matches("# (TYPE|HELP) .*|[a-z_]+\\{([a-z]+=\"([^\"\\\\]|\\\\[\\\\\"n])*\",?)*} \\S+"))
                .filteredOn(line -> line.startsWith("sink_run_exit_code"))
                .hasSize(1);
        LastSuccess again = LastSuccess.parse(text, "maintain");
        assertThat(again.tables()).hasSize(Reported.HOSTILE.size());
        assertThat(lasts(Reported.by(to -> new RunMetrics(to, text, true, 100), hostile)))
                .containsExactlyElementsOf(lasts(text).toList());
    }

    @Test
    void passes_over_what_is_not_its_own() {
        String strange = """
                sink_table_last_success_timestamp_seconds{action="expire",catalog="lake",command="maintain",table="lake.x"} NaN
                sink_table_last_success_timestamp_seconds{action="expire",catalog="lake",command="maintain",table="lake.y"} soon
                sink_table_last_success_timestamp_seconds{action="expire
                node_load1 0.3
                \u0000\ufffd
                """;

        assertThat(LastSuccess.parse(strange, "maintain").tables()).isEmpty();
        assertThat(written(strange, false, 10, table("lake.b", Reason.EXPIRED, Effect.NONE)))
                .doesNotContain("lake.x", "lake.y", "node_load1");
    }

    static String written(String previous, boolean whole, int most, TableReport... tables) {
        return Reported.by(to -> new RunMetrics(to, previous, whole, most), List.of(tables));
    }

    private static Stream<String> lasts(String text) {
        return text.lines().filter(line -> line.startsWith(LastSuccess.TABLE + "{"));
    }

    private static String actions(String outcome, String reason, int count) {
        return "sink_run_actions{action=\"expire\",catalog=\"lake\",command=\"maintain\",outcome=\"%s\",reason=\"%s\"} %d.0"
                .formatted(outcome, reason, count);
    }

    private static String success(String table, String action, String at) {
        return LastSuccess.TABLE
                + "{action=\"%s\",catalog=\"lake\",command=\"maintain\",table=\"%s\"} %s".formatted(action, table, at);
    }

    private static TableReport table(String name, Reason reason, Effect effect) {
        return new TableReport(name, "lake", null, "", null, null, List.of(action(reason, effect)));
    }

    private static ActionReport action(Reason reason, Effect effect) {
        return new ActionReport(
                ActionName.EXPIRE,
                new ActionResult(reason, "", effect, ActionResult.Files.NONE, null),
                Duration.ofMillis(1_500));
    }
}
