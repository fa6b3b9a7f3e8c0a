package io.sink.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sink.outcome.ActionName;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import io.sink.report.Reported;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert rules and the dashboard ask for what the program writes, and for all of it. */
class MonitoringExamplesTest {
    private static final Path ALERTS = Path.of("config-examples/monitoring/alerts.rules.yaml");
    private static final Path DASHBOARD = Path.of("config-examples/monitoring/grafana-dashboard.json");
    private static final Pattern METRIC = Pattern.compile("sink_[a-z_]+");
    private static final Pattern MATCHER = Pattern.compile("([a-z]+)(?:=~?|!=)\"([^\"]*)\"");

    private final String alerts = read(ALERTS);
    private final String dashboard = read(DASHBOARD);

    @Test
    void name_every_metric_that_the_program_writes_and_no_other() {
        String written =
                RunMetricsTest.written("", true, 100, Reported.everyReason().toArray(TableReport[]::new));
        Set<String> known = METRIC.matcher(written.replaceAll("(?m)^#.*", ""))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
        // written by runs that end with 0
        known.add(LastSuccess.RUN);

        assertThat(names(dashboard)).isEqualTo(known);
        assertThat(names(alerts)).isSubsetOf(known).hasSizeGreaterThan(5);
        assertThat(names(read(ALERTS.resolveSibling("alerts.test.yaml")))).isSubsetOf(names(alerts));
    }

    @Test
    void ask_only_for_labels_and_codes_that_there_are() {
        Set<String> codes = new HashSet<>();
        Arrays.stream(Outcome.values()).map(Outcome::code).forEach(codes::add);
        Arrays.stream(Reason.values()).map(Reason::code).forEach(codes::add);
        Arrays.stream(ActionName.values()).map(ActionName::code).forEach(codes::add);

        List<MatchResult> matchers = MATCHER.matcher(alerts + dashboard.replace("\\\"", "\""))
                .results()
                .filter(matcher -> !matcher.group(2).startsWith("$"))
                .toList();

        assertThat(matchers).isNotEmpty().allSatisfy(matcher -> {
            assertThat(matcher.group(1)).isIn("outcome", "reason", "action");
            assertThat(codes).contains(matcher.group(2).split("\\|"));
        });
    }

    @Test
    void are_well_formed() throws IOException {
        JsonNode rules = new YAMLMapper().readTree(alerts).at("/groups/0/rules");
        JsonNode panels = new ObjectMapper().readTree(dashboard).at("/panels");

        assertThat(rules).hasSizeGreaterThan(5).allSatisfy(rule -> {
            assertThat(rule.at("/alert").asText()).startsWith("Sink");
            assertThat(rule.at("/expr").asText()).contains("sink_");
            assertThat(rule.at("/annotations/summary").asText()).isNotEmpty();
        });
        assertThat(panels).hasSizeGreaterThan(8);
        assertThat(panels).extracting(panel -> panel.at("/id").asInt()).doesNotHaveDuplicates();
        assertThat(panels)
                .allSatisfy(panel ->
                        assertThat(panel.at("/targets/0/expr").asText()).contains("sink_"));
    }

    /** Prometheus' own tool fires the alerts on series of a few days, where it is installed. */
    @Test
    void fire_when_they_should(@TempDir Path directory) throws IOException, InterruptedException {
        assumeThat(Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool"))))
                .as("promtool is installed")
                .isTrue();
        Path said = directory.resolve("said");

        int status = new ProcessBuilder("promtool", "test", "rules", "alerts.test.yaml")
                .directory(Path.of("config-examples/monitoring").toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start()
                .waitFor();

        assertThat(status).as(Files.readString(said)).isZero();
    }

    private static Set<String> names(String text) {
        return METRIC.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
