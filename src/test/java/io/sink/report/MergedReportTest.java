package io.sink.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Effect;
import io.sink.outcome.ExitCode;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.Shard;
import io.sink.outcome.TableReport;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergedReportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TableReport GONE = new TableReport(
            "gone",
            "gone",
            null,
            "",
            null,
            null,
            List.of(new ActionReport(
                    ActionName.LOAD, ActionResult.of(Reason.CATALOG_UNREACHABLE, "it is down"), Duration.ZERO)));

    @TempDir
    Path folder;

    @Test
    void has_every_table_once_and_the_sums_of_all() throws IOException {
        List<TableReport> tables = Reported.everyReason();
        Path one = report("1/2", 20, tables.subList(0, 10), "a rule matches nothing");
        Path two = report("2/2", 20, tables.subList(10, tables.size()), "a rule matches nothing");

        JsonNode merged = merged(two, one);

        JsonNode whole = JSON.readTree(Files.readString(report(null, 20, tables)));
        assertThat(merged.path("tables")).isEqualTo(whole.path("tables"));
        assertThat(merged.path("totals")).isEqualTo(whole.path("totals"));
        assertThat(merged.path("warnings")).extracting(JsonNode::asText).containsExactly("a rule matches nothing");
        assertThat(merged.path("shards"))
                .extracting(shard -> shard.path("shard").asText())
                .containsExactly("1/2", "2/2");
        assertThat(merged.path("missing_shards")).isEmpty();
        assertThat(merged.path("shard").isNull()).isTrue();
    }

    @Test
    void tells_a_catalog_that_no_shard_could_read_once() throws IOException {
        List<TableReport> tables = Reported.everyReason();
        Path one = report("1/2", 20, List.of(tables.get(0), GONE));
        Path two = report("2/2", 20, List.of(GONE, tables.get(1)));

        JsonNode merged = merged(one, two);

        assertThat(merged.path("tables"))
                .extracting(table -> table.path("table").asText())
                .containsExactly(tables.get(0).table(), "gone", tables.get(1).table());
        assertThat(merged.path("totals"))
                .isEqualTo(JSON.readTree(
                                Files.readString(report(null, 20, List.of(tables.get(0), GONE, tables.get(1)))))
                        .path("totals"));
    }

    @Test
    void tells_a_catalog_twice_of_which_shards_say_different_things() throws IOException {
        TableReport forbidden = new TableReport(
                "gone",
                "gone",
                null,
                "",
                null,
                null,
                List.of(new ActionReport(
                        ActionName.LOAD, ActionResult.of(Reason.PERMISSION_DENIED, "no"), Duration.ZERO)));

        JsonNode merged = merged(report("1/2", 20, List.of(GONE)), report("2/2", 20, List.of(forbidden)));

        assertThat(merged.path("tables"))
                .extracting(table -> table.at("/actions/0/reason").asText())
                .containsExactly("catalog-unreachable", "permission-denied");
    }

    @ParameterizedTest
    @CsvSource({
        "0,0,0",
        "0,12,0",
        "12,12,12",
        "0,20,20",
        "20,0,20",
        "0,21,20",
        "21,21,21",
        "20,21,20",
        "21,22,20",
        "22,22,22",
        "0,22,20",
        "143,20,143",
        "23,143,23",
        "23,1,23",
        "11,21,11",
        "10,11,10",
        "24,0,24",
        "24,20,20",
        "3,10,3",
        "0,99,99"
    })
    void ends_with_the_gravest_code(int one, int other, int expected) throws IOException {
        List<TableReport> tables = Reported.everyReason().subList(0, 1);

        MergedReport merged = MergedReport.of(List.of(report("1/2", one, tables), report("2/2", other, tables)));

        assertThat(merged.exitCode()).isEqualTo(expected);
    }

    @Test
    void knows_how_grave_each_code_is() throws IOException {
        for (ExitCode code : ExitCode.values()) {
            List<TableReport> tables = Reported.everyReason().subList(0, 1);
            Path one = report("1/2", code.code(), tables);
            Path gravest = report("2/2", ExitCode.COMMIT_UNKNOWN.code(), tables);

            assertThat(MergedReport.of(List.of(one, gravest)).exitCode())
                    .as("%s; a code that is not known would be graver", code)
                    .isEqualTo(ExitCode.COMMIT_UNKNOWN.code());
        }
    }

    @Test
    void misses_a_shard_without_a_report_and_one_whose_report_is_cut_off() throws IOException {
        Path first = report("1/4", 0, Reported.everyReason());
        Path cut = report("2/4", 0, Reported.everyReason());
        Files.writeString(cut, Files.readString(cut).substring(0, 5_000));
        Path third = folder.resolve("none.json");

        MergedReport merged = MergedReport.of(List.of(first, cut, third));

        assertThat(merged.missing()).containsExactly("2/4", "3/4", "4/4");
        assertThat(merged.exitCode()).isEqualTo(20);
        assertThat(merged.warnings())
                .anyMatch(warning -> warning.startsWith(cut.toString()))
                .anyMatch(warning -> warning.startsWith(third.toString()))
                .contains("there is no report of shard 4/4");
    }

    @Test
    void is_refused_of_reports_that_do_not_belong_together() throws IOException {
        Path one = report("1/2", 0, List.of());
        Path again = report("1/2", 0, List.of());
        Path ofThree = report("2/3", 0, List.of());
        Path whole = report(null, 0, List.of());
        Path dry = Files.writeString(
                folder.resolve("dry.json"),
                Files.readString(report("2/2", 0, List.of())).replace("\"dry_run\" : false", "\"dry_run\" : true"));

        assertThatThrownBy(() -> MergedReport.of(List.of(one, again)))
                .isInstanceOf(MergedReport.ApartException.class)
                .hasMessage(one + " and " + again + " are both of shard 1/2");
        assertThatThrownBy(() -> MergedReport.of(List.of(one, ofThree)))
                .hasMessageContaining("of how many shards, 2 and 3");
        assertThatThrownBy(() -> MergedReport.of(List.of(one, whole))).hasMessageContaining("without --shard");
        assertThatThrownBy(() -> MergedReport.of(List.of(one, dry))).hasMessageContaining("dry run, false and true");
        assertThatThrownBy(() -> MergedReport.of(List.of(folder.resolve("none.json"))))
                .hasMessageContaining("none.json is not there");
    }

    private static JsonNode merged(Path... files) throws IOException {
        StringWriter out = new StringWriter();
        MergedReport.of(List.of(files)).write(out);
        return JSON.readTree(out.toString());
    }

    private int reports;

    private Path report(@Nullable String shard, int exit, List<TableReport> tables, String... warnings)
            throws IOException {
        StringWriter out = new StringWriter();
        JsonReport report = new JsonReport(out);
        report.started(new RunHeader(
                "01RUN" + reports,
                "0.1.0",
                "maintain",
                false,
                Reported.START,
                shard == null ? null : Shard.of(shard),
                null));
        tables.forEach(report::table);
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        tables.forEach(table -> outcomes.merge(table.outcome(), 1, Integer::sum));
        List<ActionReport> actions = new ArrayList<>();
        tables.forEach(table -> actions.addAll(table.actions()));
        Effect effect = actions.stream().map(action -> action.result().effect()).reduce(Effect.NONE, Effect::plus);
        report.ended(new RunSummary(Reported.START.plusSeconds(9), exit, outcomes, effect, null, List.of(warnings)));
        return Files.writeString(folder.resolve("report-" + reports++ + ".json"), out.toString());
    }
}
