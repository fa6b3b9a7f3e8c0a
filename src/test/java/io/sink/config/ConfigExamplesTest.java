package io.sink.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sink.catalog.TableRef;
import io.sink.testing.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Seeds.Given.class)
class ConfigExamplesTest {

    private static final Path EXAMPLES = Path.of("config-examples");
    private static final Pattern VARIABLE = Pattern.compile("(?<!\\$)\\$\\{([A-Z_0-9]+)}");
    private static final Pattern FILE = Pattern.compile("(?<!\\$)\\$\\{file:([^}]+)}");

    @TempDir
    Path directory;

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void has_one_for_every_system() throws IOException {
        assertThat(examples())
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrder(
                        "minimal.yaml",
                        "full.yaml",
                        "hypaware.yaml",
                        "hypaware-s3.yaml",
                        "lakekeeper.yaml",
                        "streaming-services.yaml",
                        "control-plane.yaml",
                        "ceph-two-catalogs.yaml",
                        "flink-platform.yaml",
                        "spark-platform.yaml");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void loads_with_what_it_asks_of_the_environment(Path example) {
        SinkConfig config = load(example);

        assertThat(config.catalogs()).isNotEmpty();
        PolicyResolver resolver = new PolicyResolver(config, Map.of(), Map.of(), Written.NOW);
        for (CatalogConfig catalog : config.catalogs()) {
            TablePolicy policy = resolver.resolve(new TableRef(catalog.name(), List.of("web"), "events"));
            assertThat(policy.excluded()).isFalse();
        }
        assertThat(resolver.explain().toString() + config).doesNotContain("fake-secret");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void fails_loudly_without_what_it_asks_of_the_environment(Path example) {
        Set<String> missing = new TreeSet<>();
        VARIABLE.matcher(read(example)).results().forEach(match -> missing.add(match.group(1)));

        List<String> problems = Written.problems(read(example).replaceAll("\\$\\{file:[^}]+}", "x"));

        assertThat(problems).allMatch(problem -> problem.contains("is not set"));
        missing.forEach(name -> assertThat(problems).anyMatch(problem -> problem.contains("${" + name + "}")));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void names_only_example_hosts(Path example) {
        Pattern.compile("(?:https?|jdbc:postgresql|thrift)://[^\\s\"}]+")
                .matcher(read(example))
                .results()
                .map(match ->
                        URI.create(match.group().replaceFirst("^jdbc:", "").replaceAll("\\$\\{.*", "example.com")))
                .forEach(uri -> assertThat(uri.getHost()).matches("(.*\\.)?example\\.com|127\\.0\\.0\\.1"));
    }

    @Test
    void shows_every_key_in_the_full_one() {
        String full = read(EXAMPLES.resolve("full.yaml"));

        assertThat(SettingKeys.ALL).allSatisfy(key -> assertThat(full).contains(key.name() + ": "));
        assertThat(SettingsReader.policyKeys())
                .allSatisfy(key -> assertThat(full.replace('_', '-')).contains(key + ":"));
        assertThat(full.lines().filter(line -> line.matches(" *[a-z_.-]+: .*") && !line.contains("#")))
                .as("keys without a comment are properties of Iceberg")
                .allMatch(line -> line.startsWith("    "));
    }

    @Test
    void ends_in_a_configuration_or_in_problems_whatever_is_typed(Seeds seeds) throws Exception {
        seeds.once(random -> {
            String full = read(EXAMPLES.resolve("full.yaml"));
            List<String> typed = List.of(
                    "", " ", "\n", ":", "- ", "&a ", "*a", "!t ", "\"", "'", "{", "}", "[", "]", "#", "|", ">", "? ",
                    "0_", "0x", "~", "${", "$", "%", "@", "`", "\t", "\u0000", "\uD83D", "\uFEFF", "---\n", "<<: ", "-",
                    "+", "0b", ".", "_");

            for (int round = 0; round < 400; round++) {
                StringBuilder text = new StringBuilder(full);
                for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                    int at = random.nextInt(text.length());
                    String word = typed.get(random.nextInt(typed.size()));
                    text.replace(at, Math.min(text.length(), at + random.nextInt(4)), word);
                }
                Problems problems = new Problems();
                String edited = text.toString();

                assertThatCode(() -> YamlReader.read(edited, problems)).doesNotThrowAnyException();
                assertThat(problems.sorted(Secrets.of(List.of())))
                        .allMatch(problem -> problem.line() > 0 && problem.column() > 0);
                if (!edited.contains("\uD83D")) {
                    assertThatCode(() -> Written.problems(edited)).doesNotThrowAnyException();
                }
            }
        });
    }

    @Test
    void understands_the_names_of_hypaware() {
        SinkConfig config = load(EXAMPLES.resolve("hypaware.yaml"));

        TablePolicy policy = new PolicyResolver(config, Map.of(), Map.of(), Written.NOW)
                .resolve(new TableRef("disk", List.of(), "events"));

        assertThat(policy.rule()).isEqualTo("maintenance");
        assertThat(policy.expire().toString()).contains("PT24H").contains("value=10");
        assertThat(policy.compact().minDataFiles().value()).isEqualTo(32);
        assertThat(policy.compact().maxBytes().value()).isEqualTo(10L << 30);
    }

    private SinkConfig load(Path example) {
        String text = read(example);
        Map<String, String> env = new HashMap<>();
        VARIABLE.matcher(text).results().forEach(match -> env.put(match.group(1), fake(match.group(1))));
        try {
            for (String name :
                    FILE.matcher(text).results().map(match -> match.group(1)).toList()) {
                Path secret = directory.resolve(Path.of(name).getFileName());
                Files.writeString(secret, "fake-secret-of-a-file\n");
                text = text.replace("${file:" + name + "}", "${file:" + secret.getFileName() + "}");
            }
            return ConfigLoader.load(
                    Files.writeString(directory.resolve(example.getFileName()), text), env, Written.CLOCK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String fake(String name) {
        return SecretFinder.looksSecret(name) ? "client:fake-secret-" + name : name.toLowerCase(java.util.Locale.ROOT);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
