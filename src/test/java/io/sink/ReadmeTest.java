package io.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sink.cli.SinkCommand;
import io.sink.config.ConfigLoader;
import io.sink.config.PolicyResolver;
import io.sink.config.SinkConfig;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The README says what is so: each command, option, code, configuration and output in it is tried here. */
class ReadmeTest {
    private static final String README = LlpTest.read(Path.of("README.md"));
    private static final String CHANGELOG = LlpTest.read(Path.of("CHANGELOG.md"));
    private static final Pattern COMMAND = Pattern.compile("(?:^|/|`|\\s)sink ([a-z]+[^`\\n#]*)", Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`|```[a-z]*\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern ROW = Pattern.compile("^\\| ([0-9]+) \\| (.+) \\|", Pattern.MULTILINE);

    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(#[^)]*)?\\)");

    @TempDir
    Path folder;

    @Test
    void names_commands_that_can_be_typed() {
        List<String> commands = code(README + CHANGELOG)
                .flatMap(code -> COMMAND.matcher(code).results())
                .map(match -> match.group(1).strip())
                .filter(command -> !command.startsWith("maintain [") && !command.matches("0\\..*"))
                .toList();

        assertThat(commands).hasSizeGreaterThan(5).anyMatch(command -> command.contains("--deadline"));
        assertThat(commands).allSatisfy(command -> {
            String[] args = Arrays.stream(command.split("\\s+"))
                    .map(arg -> arg.replace("'", ""))
                    .toArray(String[]::new);
            assertThatCode(() -> new CommandLine(new SinkCommand()).parseArgs(args))
                    .as(command)
                    .doesNotThrowAnyException();
        });
    }

    @Test
    void names_options_that_there_are() {
        CommandLine sink = new CommandLine(new SinkCommand());
        Set<String> known = sink.getSubcommands().values().stream()
                .flatMap(command -> command.getCommandSpec().optionsMap().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));

        Set<String> named = Pattern.compile("(?<![\\w-])--?[a-z][a-z-]*")
                .matcher(code(README + CHANGELOG).collect(Collectors.joining("\n")))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(named).isSubsetOf(known).contains("--dry-run", "--fail-on");
    }

    @Test
    void lists_the_exit_codes_as_the_help_does() {
        Map<Integer, String> page = exitCodes(LlpTest.read(Path.of("src/docs/endings.md")));
        Map<Integer, String> help = new LinkedHashMap<>();
        new CommandLine(new SinkCommand())
                .getSubcommands()
                .getOrDefault("maintain", new CommandLine(new SinkCommand()))
                .getCommandSpec()
                .usageMessage()
                .exitCodeList()
                .forEach((code, meaning) -> help.put(Integer.valueOf(code), meaning));

        assertThat(page).isEqualTo(help);
        assertThat(exitCodes(LlpTest.read(Path.of("llp/0004-outcomes.decision.md")))
                        .keySet())
                .isEqualTo(help.keySet());
    }

    @Test
    void gives_the_test_command_that_ci_runs() {
        String run = LlpTest.read(Path.of(".ci/run"));

        String command = run.lines()
                .filter(line -> line.startsWith("exec "))
                .map(line -> line.substring(5).replaceAll(" -(B|ntp)\\b", ""))
                .collect(Collectors.joining());

        assertThat(command).isEqualTo("mvn verify");
        assertThat(README.lines()).anyMatch(line -> line.matches(Pattern.quote(command) + " +# every test"));
    }

    @Test
    void shows_a_configuration_that_loads() throws IOException {
        loads(block(README, "yaml"));
    }

    @Test
    void leads_to_a_configuration_that_loads_and_stands_in_the_full_example() throws IOException {
        String snippet = block(LlpTest.read(Path.of("src/docs/configuration.md")), "yaml");

        assertThat(loads(snippet).catalogs()).hasSize(2);
        List<String> full =
                LlpTest.read(Path.of("config-examples/full.yaml")).lines().toList();
        int at = -1;
        for (String line : snippet.lines().filter(line -> !line.isBlank()).toList()) {
            int next = full.subList(at + 1, full.size()).indexOf(line);
            assertThat(next).as(line).isNotNegative();
            at += 1 + next;
        }
    }

    private SinkConfig loads(String snippet) throws IOException {
        Path file = Files.writeString(folder.resolve("sink.yaml"), snippet);
        SinkConfig config = ConfigLoader.load(file, Map.of("LAKE_CREDENTIAL", "id:a-secret"));
        assertThatCode(() -> new PolicyResolver(config, Map.of(), Map.of(), Instant.now()).explain())
                .doesNotThrowAnyException();
        return config;
    }

    @Test
    void is_read_in_ten_minutes() {
        assertThat(README.split("\\s+")).hasSizeLessThanOrEqualTo(1_800);
    }

    @Test
    void shows_the_demo_as_it_runs() throws IOException, InterruptedException {
        List<String> shown = block(README, "").lines().toList();
        assertThat(shown.get(0)).isEqualTo("$ bin/sink demo");

        List<String> real = demo();

        assertThat(rows(real)).isEqualTo(rows(shown)).hasSizeGreaterThan(6);
        assertThat(real.get(real.size() - 1)).isEqualTo(shown.get(shown.size() - 1));
        assertThat(real.get(0))
                .startsWith(shown.get(1).substring(0, shown.get(1).indexOf("run ")));
    }

    @Test
    void leads_somewhere_with_every_link_and_shows_every_picture() {
        assertThat(LINK.matcher(README).results()).hasSizeGreaterThan(20).allSatisfy((MatchResult link) -> {
            Path target = Path.of(link.group(1).isEmpty() ? "README.md" : link.group(1));
            assertThat(target).exists();
            if (link.group(2) != null) {
                assertThat(LlpTest.anchors(target)).contains(link.group(2).substring(1));
            }
        });
        assertThat(README.substring(0, README.indexOf("\n## "))).contains("](smoke/bench/results.svg)");
    }

    private List<String> demo() throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        ProcessBuilder demo = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "demo",
                folder.resolve("demo").toString());
        demo.environment().put("XDG_STATE_HOME", folder.resolve("state").toString());
        demo.environment().keySet().removeIf(name -> name.startsWith("SINK_"));
        Path err = folder.resolve("err");
        int status = demo.redirectOutput(Redirect.to(out.toFile()))
                .redirectError(Redirect.to(err.toFile()))
                .start()
                .waitFor();

        assertThat(status).as(Files.readString(err)).isZero();
        return Files.readAllLines(out);
    }

    /** Table, action, outcome, reason, and how many files went; bytes and times vary from run to run. */
    private static List<List<String>> rows(List<String> lines) {
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("demo.")) {
                List<String> cells = List.of(line.strip().split(" {2,}"));
                rows.add(cells.subList(0, cells.size() > 5 ? 5 : 4));
            }
        }
        return rows;
    }

    private static Map<Integer, String> exitCodes(String text) {
        Map<Integer, String> codes = new LinkedHashMap<>();
        ROW.matcher(text)
                .results()
                .forEach(row ->
                        codes.put(Integer.valueOf(row.group(1)), row.group(2).replace("`", "")));
        return codes;
    }

    /** What stands in code spans and code blocks. */
    private static Stream<String> code(String text) {
        return CODE.matcher(text).results().map(match -> match.group(1) == null ? match.group(2) : match.group(1));
    }

    /** The first code block of this language. */
    private static String block(String text, String language) {
        int start = text.indexOf("```" + language + "\n") + language.length() + 4;
        return text.substring(start, text.indexOf("```", start));
    }
}
