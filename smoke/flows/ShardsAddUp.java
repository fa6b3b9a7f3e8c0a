package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import lib.ManyTables;
import lib.ManyTables.Made;
import lib.Report;
import lib.Running;
import lib.Sink;
import lib.Sink.Ended;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs of four shards on one host, at the same time, do what one run does, and their reports add up to its report.
 *
 * <p>System property: {@code sink.shards.tables}, tables (24).
 */
class ShardsAddUp {
    private static final int TABLES = Integer.getInteger("sink.shards.tables", 24);
    private static final int SHARDS = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(40);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private List<Made> tables;
    private Sink sink;

    @BeforeEach
    void make_tables_of_which_one_has_two_entries() throws IOException {
        String root = directory.resolve("lake").toString();
        ManyTables many = new ManyTables(root, SecondReader::local);
        tables = many.make(directory.resolve("lake.db"), "lake", TABLES, null);
        many.alsoAs(directory.resolve("lake.db"), "lake", tables.get(0).name(), "another");
        sink = Sink.in(directory).with("SINK_JAVA_OPTS", "-Xmx256m").configured("""
                version: 1
                catalogs:
                  lake: { type: jdbc, uri: "jdbc:sqlite:./lake.db", warehouse: "%s", jdbc.busy_timeout: "60000" }
                  gone: { type: path, warehouse: ./nothing }
                maintenance:
                  expire: { older-than: 0s, retain-last: 1 }
                """.formatted(root));
    }

    @Test
    void to_what_one_run_reports() throws IOException, InterruptedException {
        long start = System.nanoTime();
        Ended whole = sink.start("maintain", "--dry-run", "--report", "json").ended(PATIENCE);
        double one = (System.nanoTime() - start) / 1e9;
        JsonNode single = JSON.readTree(whole.stdout());
        start = System.nanoTime();
        JsonNode planned = merged(shards("--dry-run"));
        double four = (System.nanoTime() - start) / 1e9;
        JsonNode done = merged(shards());
        System.out.printf(
                "%d tables planned by one run in %.1f s, by four shards at once in %.1f s%n", TABLES, one, four);

        assertThat(actions(planned)).isEqualTo(actions(single)).hasSizeGreaterThan(TABLES);
        assertThat(planned.path("totals")).isEqualTo(single.path("totals"));
        assertThat(planned.path("exit_code")).isEqualTo(single.path("exit_code"));
        assertThat(actions(done))
                .isEqualTo(actions(single).stream()
                        .map(action -> action.replace("planned would-expire", "done expired"))
                        .toList());
        assertThat(tables.subList(1, TABLES)).allSatisfy(table -> {
            assertThat(table.staying()).allMatch(Files::exists);
            assertThat(table.going()).noneMatch(Files::exists);
        });
        assertThat(tables.get(0).going()).as("it has two entries").allMatch(Files::exists);
    }

    @Test
    void and_one_that_is_missing_is_a_failure() throws IOException, InterruptedException {
        List<String> reports = shards("--dry-run");
        Files.writeString(Path.of(reports.get(1)), "{ \"run_id\": \"cut off\", \"tables\": [ {");

        Ended ended = merge(List.of(reports.get(0), reports.get(1), reports.get(3)));

        assertThat(ended.exit()).as("%s", ended).isEqualTo(20);
        assertThat(ended.stderr())
                .contains("2 of 4 shards", "no report of shard 2/4", "no report of shard 3/4", reports.get(1));
        assertThat(JSON.readTree(ended.stdout()).path("missing_shards"))
                .extracting(JsonNode::asText)
                .containsExactly("2/4", "3/4");
    }

    /** The report files of four runs at once. */
    private List<String> shards(String... more) throws IOException, InterruptedException {
        List<Running> running = new ArrayList<>();
        List<String> files = new ArrayList<>();
        for (int shard = 1; shard <= SHARDS; shard++) {
            String file = directory
                    .resolve("shard-%d%s.json".formatted(shard, String.join("", more)))
                    .toString();
            List<String> line =
                    new ArrayList<>(List.of("maintain", "--shard", shard + "/" + SHARDS, "--report-file", file, "-q"));
            line.addAll(List.of(more));
            running.add(sink.start(line.toArray(String[]::new)));
            files.add(file);
        }
        for (Running run : running) {
            Ended ended = run.ended(PATIENCE);
            assertThat(ended.exit()).as("%s", ended).isEqualTo(20);
        }
        return files;
    }

    private Ended merge(List<String> files) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("report", "merge"));
        line.addAll(files);
        return sink.run(line.toArray(String[]::new));
    }

    private JsonNode merged(List<String> files) throws IOException, InterruptedException {
        Ended ended = merge(files);
        Report.assertValid(ended.stdout(), ended);
        JsonNode merged = JSON.readTree(ended.stdout());
        assertThat(merged.path("exit_code").asInt()).as("%s", ended).isEqualTo(ended.exit());
        assertThat(merged.path("shards"))
                .extracting(shard -> shard.path("shard").asText())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, SHARDS)
                        .mapToObj(shard -> shard + "/" + SHARDS)
                        .toList());
        return merged;
    }

    /** Table, action, outcome, reason and effect of every action, in the order of the tables' names. */
    private static List<String> actions(JsonNode report) {
        Map<String, List<String>> byTable = new TreeMap<>();
        report.path("tables")
                .forEach(table -> table.path("actions")
                        .forEach(action -> byTable.computeIfAbsent(
                                        table.path("table").asText(), any -> new ArrayList<>())
                                .add("%s %s %s %s"
                                        .formatted(
                                                action.path("action").asText(),
                                                action.path("outcome").asText(),
                                                action.path("reason").asText(),
                                                action.path("effect")))));
        return byTable.entrySet().stream()
                .flatMap(table -> table.getValue().stream().map(action -> table.getKey() + " " + action))
                .toList();
    }
}
