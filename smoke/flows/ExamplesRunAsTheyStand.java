package flows;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import lib.BareHost;
import lib.Lake;
import lib.Sink.Ended;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of schedulers, word for word, on a host with a root that cannot be written, no home, no terminal and no
 * environment but the scheduler's: a night without problems, and one in which a table fails.
 */
class ExamplesRunAsTheyStand {
    private static final Path EXAMPLES =
            Path.of(System.getProperty("sink.home", "")).toAbsolutePath().resolve("config-examples/schedule");
    private static final List<String> TABLES = List.of("lake.web.clicks", "lake.web.events", "lake.web.visits");
    private static final String SECRET = "tr0ub4dor-and-3";

    @TempDir
    Path directory;

    private BareHost host;
    private Lake lake;

    @BeforeEach
    void prepare() throws IOException {
        host = new BareHost(directory.toRealPath());
        lake = Lake.make(host.directory());
        for (String table : TABLES) {
            lake.create(table.substring(table.lastIndexOf('.') + 1), 2, Map.of())
                    .append(1, 2)
                    .replace(3)
                    .append(4)
                    .append(5);
        }
        Files.createDirectories(host.directory().resolve("exports"));
        host.etc("sink.yaml", """
                version: 1
                catalogs:
                  lake:
                    type: jdbc
                    uri: "jdbc:sqlite:%1$s/lake/catalog.db"
                    warehouse: %1$s/lake
                    note: "${LAKE_CREDENTIAL}"
                  exports: { type: path, warehouse: %1$s/exports }
                maintenance:
                  expire: { older-than: 0s, retain-last: 2 }
                """.formatted(host.directory()));
        host.etc("secrets.env", "LAKE_CREDENTIAL=" + SECRET + "\n");
    }

    @AfterEach
    void close() {
        if (lake != null) {
            lake.close();
        }
    }

    @Test
    void cron() throws IOException, InterruptedException {
        Map<String, String> environment =
                new LinkedHashMap<>(Map.of("HOME", "/nonexistent", "LOGNAME", "sink", "SHELL", "/bin/sh"));
        found("sink.cron", "^([A-Z_]+)=(.*)$").forEach(set -> environment.put(set.group(1), set.group(2)));
        String line =
                found("sink.cron", "^15 2 \\* \\* \\* +sink +(.*)$").get(0).group(1);
        List<String> writable = List.of("/var/log/sink", "/var/lib/prometheus/node-exporter", "/tmp");

        Ended good = host.run(environment, writable, "/bin/sh", "-c", line);
        breakEvents();
        Ended bad = host.run(environment, writable, "/bin/sh", "-c", line);
        Ended unmade = host.run(environment, List.of("/tmp"), "/bin/sh", "-c", line);

        assertThat(good).as("no mail").isEqualTo(new Ended(0, "", ""));
        assertThat(bad.exit()).isEqualTo(20);
        assertThat(bad.stdout()).contains("lake.web.events", "missing-file").doesNotContain("lake.web.clicks");
        assertThat(json("/var/log/sink/last.json").path("exit_code").asInt()).isEqualTo(20);
        assertThat(Files.readString(host.written("/var/log/sink/last.html"))).contains("lake.web.events", "</html>");
        assertThat(Files.readString(host.written("/var/lib/prometheus/node-exporter/sink.prom")))
                .contains("sink_run_exit_code{command=\"maintain --compact\"} 20.0");
        assertThat(unmade.exit()).as("folders that nobody made: %s", unmade).isEqualTo(24);
        assertThat(unmade.stderr()).contains("/var/log/sink");
        assertThat(good + "" + bad + unmade).doesNotContain(SECRET);
    }

    @Test
    void systemd() throws IOException, InterruptedException {
        // what systemd.exec(5) says of User=, StateDirectory= and LogsDirectory=
        Map<String, String> environment = new LinkedHashMap<>(Map.of(
                "HOME", "/nonexistent",
                "USER", "sink",
                "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
                "STATE_DIRECTORY", "/var/lib/sink:/var/lib/sink/metrics",
                "LOGS_DIRECTORY", "/var/log/sink",
                "LAKE_CREDENTIAL", SECRET));
        assertThat(found("sink.service", "^EnvironmentFile=-/etc/sink/secrets.env$"))
                .hasSize(1);
        found("sink.service", "^Environment=([A-Z_]+)=(.*)$")
                .forEach(set -> environment.put(set.group(1), set.group(2)));
        String[] line =
                found("sink.service", "^ExecStart=(.*)$").get(0).group(1).split(" +");
        List<String> writable = List.of("/var/log/sink", "/var/lib/sink", "/var/lib/sink/metrics", "/tmp");

        Ended good = host.run(environment, writable, line);
        breakEvents();
        Ended bad = host.run(environment, writable, line);

        assertThat(good.exit()).as("%s", good).isZero();
        assertThat(good.stdout()).contains(TABLES);
        assertThat(bad.exit()).as("%s", bad).isEqualTo(20);
        assertThat(bad.stdout()).contains("lake.web.events compact missing-file");
        assertThat(host.written("/var/lib/sink/metrics/sink.prom")).content().contains("sink_run_exit_code");
        assertThat(host.written("/var/lib/sink/locks")).isDirectory();
    }

    @Test
    void kubernetes() throws IOException, InterruptedException {
        JsonNode container = jobs("kubernetes.yaml").get(0);
        List<String> line = new ArrayList<>(List.of("sink"));
        container.path("args").forEach(word -> line.add(word.asText()));

        Ended good = host.run(environment(container), List.of("/tmp"), line.toArray(String[]::new));
        breakEvents();
        Ended bad = host.run(environment(container), List.of("/tmp"), line.toArray(String[]::new));

        assertThat(good.exit()).as("%s", good).isZero();
        assertThat(bad.exit()).as("%s", bad).isEqualTo(20);
        assertThat(tables(good.stdout())).containsExactlyElementsOf(TABLES);
        assertThat(tables(bad.stdout())).containsExactlyElementsOf(TABLES);
        assertThat(bad.stderr().lines().filter(said -> !said.startsWith("Picked up JAVA_TOOL_OPTIONS")))
                .allMatch(said -> said.startsWith("{") && said.endsWith("}"));
    }

    @Test
    void kubernetes_in_shards() throws IOException, InterruptedException {
        List<JsonNode> containers = jobs("kubernetes-shards.yaml");
        JsonNode shard = containers.get(0);
        JsonNode merge = containers.get(1);
        List<String> writable = List.of("/reports", "/tmp");

        List<Integer> exits = new ArrayList<>();
        for (int index = 0; index < 16; index++) {
            Map<String, String> environment = environment(shard);
            environment.put("JOB_COMPLETION_INDEX", Integer.toString(index));
            exits.add(host.run(environment, writable, shell(shard)).exit());
        }
        Ended merged = host.run(environment(merge), writable, shell(merge));
        Path last;
        try (var reports = Files.list(host.written("/reports"))) {
            last = reports.filter(file -> file.toString().endsWith("shard-16.json"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.delete(last);
        Ended missing = host.run(environment(merge), writable, shell(merge));

        assertThat(exits).hasSize(16).containsOnly(0);
        assertThat(merged.exit()).as("%s", merged).isZero();
        String whole = last.toString().replace("-shard-16", "");
        assertThat(new ObjectMapper().readTree(Path.of(whole).toFile()).path("tables"))
                .hasSize(TABLES.size());
        assertThat(missing.exit()).as("%s", missing).isNotZero();
        assertThat(missing.stderr()).contains("16/16");
    }

    @Test
    void airflow() throws IOException, InterruptedException {
        String command =
                found("airflow_dag.py", "f\"(sink maintain[^\"]*)\"$").get(0).group(1)
                        + found("airflow_dag.py", "\"( --run-id [^\"]*)\" \\+ catalog$")
                                .get(0)
                                .group(1);
        Map<String, String> environment =
                new LinkedHashMap<>(Map.of("PATH", "/usr/bin:/bin", "HOME", "/nonexistent", "LAKE_CREDENTIAL", SECRET));
        found("airflow_dag.py", "env=\\{\"([A-Z_]+)\": \"([^\"]*)\"\\}")
                .forEach(set -> environment.put(set.group(1), set.group(2)));
        assertThat(environment).containsKey("SINK_CONFIG");
        String lakes = command.replace("{catalog}", "lake").replace("{{ ts_nodash }}", "20261130T021500") + "lake";
        String exports = lakes.replace("lake", "exports");

        Ended good = host.run(environment, List.of("/tmp"), "/bin/bash", "-c", lakes);
        Ended none = host.run(environment, List.of("/tmp"), "/bin/bash", "-c", exports);
        breakEvents();
        Ended bad = host.run(environment, List.of("/tmp"), "/bin/bash", "-c", lakes);

        assertThat(good.exit()).as("%s", good).isZero();
        assertThat(good.stdout()).contains("\"run_id\":\"20261130T021500-lake\"");
        assertThat(none.exit()).as("the task is skipped: %s", none).isEqualTo(12);
        assertThat(bad.exit()).as("the task fails: %s", bad).isEqualTo(20);
    }

    @Test
    void the_host_is_as_bare_as_it_says() throws IOException, InterruptedException {
        Ended seen = host.run(
                Map.of(),
                List.of("/tmp"),
                "/bin/sh",
                "-c",
                "for f in /x /etc/x /usr/x /var/x /root/x; do (: >$f) 2>/dev/null && echo wrote $f; done; tty; env");

        assertThat(seen.stdout().lines().filter(said -> !said.startsWith("PWD=") && !said.startsWith("_=")))
                .containsExactly("not a tty");
    }

    private void breakEvents() throws IOException {
        BaseTable events = (BaseTable) lake.catalog().loadTable(Lake.id("events"));
        Snapshot current = events.currentSnapshot();
        Files.delete(Path.of(current.manifestListLocation().replaceFirst("^file:(//)?", "")));
    }

    private JsonNode json(String path) throws IOException {
        return new ObjectMapper().readTree(host.written(path).toFile());
    }

    private static List<String> tables(String ndjson) throws IOException {
        List<String> tables = new ArrayList<>();
        for (String line : ndjson.lines().toList()) {
            JsonNode entry = new ObjectMapper().readTree(line);
            if (entry.has("actions")) {
                tables.add(entry.path("table").asText());
            }
        }
        return tables.stream().sorted().toList();
    }

    private static List<MatchResult> found(String example, String pattern) throws IOException {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(Files.readString(EXAMPLES.resolve(example)))
                .results()
                .toList();
    }

    /** The one container of each job of a manifest. */
    private static List<JsonNode> jobs(String manifest) throws IOException {
        List<JsonNode> containers = new ArrayList<>();
        new YAMLMapper()
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(Files.readString(EXAMPLES.resolve(manifest)))
                .forEachRemaining(job -> containers.add(job.at("/spec/jobTemplate/spec/template/spec/containers/0")));
        return containers;
    }

    /** What Kubernetes gives: what the manifest says, and secrets that it takes from elsewhere. */
    private static Map<String, String> environment(JsonNode container) {
        Map<String, String> environment = new LinkedHashMap<>(Map.of("PATH", "/usr/bin:/bin", "HOME", "/nonexistent"));
        container
                .path("env")
                .forEach(variable -> environment.put(
                        variable.path("name").asText(),
                        variable.has("value") ? variable.path("value").asText() : SECRET));
        return environment;
    }

    private static String[] shell(JsonNode container) {
        List<String> words = new ArrayList<>();
        for (String part : List.of("command", "args")) {
            StreamSupport.stream(container.path(part).spliterator(), false)
                    .map(JsonNode::asText)
                    .forEach(words::add);
        }
        return words.toArray(String[]::new);
    }
}
