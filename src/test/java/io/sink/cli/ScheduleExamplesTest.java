package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The examples of schedulers start command lines that there are; their own tools read them, where they are installed.
 */
class ScheduleExamplesTest {
    private static final Path EXAMPLES = Path.of("config-examples/schedule");

    @TempDir
    Path directory;

    @Test
    void start_command_lines_that_can_be_typed() throws IOException {
        List<String> lines = Stream.of(
                        commands("sink.cron", "; sink (maintain[^>]*)"),
                        commands("sink.service", "ExecStart=/usr/bin/sink (.*)"),
                        commands("airflow_dag.py", "f\"sink (maintain[^\"]*)\""),
                        Stream.of(String.join(" ", arguments())))
                .flatMap(command -> command)
                .map(command -> command.replace("{catalog}", "lake"))
                .toList();

        assertThat(lines)
                .hasSize(4)
                .allSatisfy(line -> assertThatCode(() -> new CommandLine(new SinkCommand())
                                .parseArgs(line.strip().split("\\s+")))
                        .as(line)
                        .doesNotThrowAnyException());
    }

    @Test
    void name_paths_that_the_systemd_unit_may_write() throws IOException {
        String unit = read("sink.service");

        assertThat(unit)
                .contains("ProtectSystem=strict", "LogsDirectory=sink", "StateDirectory=sink")
                .contains("--report-file /var/log/sink/", "--metrics-file /var/lib/sink/", "XDG_STATE_HOME=/var/lib");
    }

    @Test
    void give_kubernetes_a_job_that_never_runs_twice_at_once() throws IOException {
        JsonNode job = new YAMLMapper().readTree(read("kubernetes.yaml"));

        assertThat(job.at("/kind").asText()).isEqualTo("CronJob");
        assertThat(job.at("/spec/concurrencyPolicy").asText()).isEqualTo("Forbid");
        JsonNode pod = job.at("/spec/jobTemplate/spec/template/spec");
        assertThat(pod.at("/restartPolicy").asText()).isEqualTo("Never");
        assertThat(pod.at("/containers/0/securityContext/readOnlyRootFilesystem")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void give_kubernetes_shards_that_are_each_there_and_are_merged() throws IOException {
        List<JsonNode> jobs = new ArrayList<>();
        new YAMLMapper()
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(read("kubernetes-shards.yaml"))
                .forEachRemaining(jobs::add);

        assertThat(jobs).hasSize(2).allSatisfy(job -> {
            assertThat(job.at("/kind").asText()).isEqualTo("CronJob");
            assertThat(job.at("/spec/concurrencyPolicy").asText()).isEqualTo("Forbid");
        });
        JsonNode indexed = jobs.get(0).at("/spec/jobTemplate/spec");
        assertThat(indexed.at("/completionMode").asText()).isEqualTo("Indexed");
        int shards = indexed.at("/completions").asInt();
        assertThat(indexed.at("/maxFailedIndexes").asInt()).isEqualTo(shards);
        List<String> typed = new ArrayList<>();
        for (int index = 0; index < shards; index++) {
            typed.add(shellLine(jobs.get(0)).replace("$((JOB_COMPLETION_INDEX + 1))", Integer.toString(index + 1)));
        }
        typed.add(shellLine(jobs.get(1)));
        assertThat(typed).allSatisfy(line -> {
            assertThat(line).startsWith("exec sink ").doesNotContain("$((");
            String[] args = line.substring("exec sink ".length())
                    .replace("$(date -u +%F)", "2026-11-30")
                    .split("\\s+");
            assertThatCode(() -> new CommandLine(new SinkCommand()).parseArgs(args))
                    .as(line)
                    .doesNotThrowAnyException();
        });
        assertThat(typed.get(2)).contains("--shard 3/16 ", "-shard-3.json");
    }

    private static String shellLine(JsonNode job) {
        return job.at("/spec/jobTemplate/spec/template/spec/containers/0/args/0")
                .asText();
    }

    @Test
    void are_read_by_systemd() throws IOException, InterruptedException {
        assumeInstalled("systemd-analyze");
        // the program need not be installed here, nor the user be there
        Path service = Files.writeString(
                directory.resolve("sink.service"),
                read("sink.service").replace("/usr/bin/sink", "/bin/true").replaceAll("(?m)^User=.*$", ""));
        Path timer = Files.writeString(directory.resolve("sink.timer"), read("sink.timer"));

        assertThat(run("systemd-analyze", "verify", "--man=no", service.toString(), timer.toString()))
                .isEmpty();
    }

    /** With stand-ins for Airflow's three classes, which note the commands that tasks would run. */
    @Test
    void are_read_by_python() throws IOException, InterruptedException {
        assumeInstalled("python3");
        Path script = Files.writeString(directory.resolve("stand_ins.py"), """
                import runpy, sys, types
                class DAG:
                    def __init__(self, dag_id, **given): pass
                    def __enter__(self): return self
                    def __exit__(self, *ended): pass
                class BashOperator:
                    def __init__(self, task_id, bash_command, **given):
                        print(bash_command.replace("{{ ts_nodash }}", "20261121T021500"))
                for name, members in {"airflow": [DAG], "airflow.operators": [], "airflow.operators.bash": [BashOperator]}.items():
                    sys.modules[name] = types.ModuleType(name)
                    for member in members:
                        setattr(sys.modules[name], member.__name__, member)
                runpy.run_path(sys.argv[1])
                """);

        String said = run(
                "python3", script.toString(), EXAMPLES.resolve("airflow_dag.py").toString());

        assertThat(said.lines())
                .hasSize(2)
                .allSatisfy(line -> assertThatCode(() -> new CommandLine(new SinkCommand())
                                .parseArgs(line.substring("sink ".length()).split(" ")))
                        .as(line)
                        .doesNotThrowAnyException())
                .contains(
                        "sink maintain exports --compact -q --deadline 3h --report ndjson --run-id 20261121T021500-exports");
    }

    private static Stream<String> commands(String file, String pattern) throws IOException {
        return Pattern.compile(pattern).matcher(read(file)).results().map((MatchResult match) -> match.group(1));
    }

    private static List<String> arguments() throws IOException {
        JsonNode args = new YAMLMapper()
                .readTree(read("kubernetes.yaml"))
                .at("/spec/jobTemplate/spec/template/spec/containers/0/args");
        return StreamSupport.stream(args.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static String read(String file) throws IOException {
        return Files.readString(EXAMPLES.resolve(file));
    }

    private static void assumeInstalled(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        assumeThat(Arrays.stream(path.split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))))
                .as(program + " is installed")
                .isTrue();
    }

    /** What it said, which is nothing where it ended well. */
    private String run(String... command) throws IOException, InterruptedException {
        Path said = directory.resolve("said");
        int status = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(said.toFile()))
                .start()
                .waitFor();
        return (status == 0 ? "" : "status " + status + " ") + Files.readString(said);
    }
}
