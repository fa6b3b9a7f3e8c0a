package io.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sink.cli.SinkCommand;
import io.sink.config.ConfigLoader;
import io.sink.config.PolicyResolver;
import io.sink.config.SinkConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The pages on tasks give commands, configurations and links that hold. */
class TaskPagesTest {
    private static final Path PAGES = Path.of("src/docs");
    private static final Pattern BLOCK = Pattern.compile("```([a-z]+)\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SPAN = Pattern.compile("`(sink [^`\\n]+)`");
    private static final Pattern FLAG = Pattern.compile("`(--[a-z_-]+)[^`]*`");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(#[^)]*)?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^# .+$");

    @TempDir
    Path directory;

    static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.list(PAGES)) {
            return files.sorted().toList();
        }
    }

    @Test
    void are_all_named_in_the_readme() throws IOException {
        String readme = LlpTest.read(Path.of("README.md"));

        assertThat(pages())
                .hasSizeGreaterThan(7)
                .allSatisfy(page -> assertThat(readme).contains("(src/docs/" + page.getFileName() + ")"));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void give_commands_and_options_that_can_be_typed(Path page) {
        String text = LlpTest.read(page);
        Stream<String> lines = blocks(text, "sh").flatMap(String::lines).filter(line -> !line.isBlank());
        Stream<String> spans = SPAN.matcher(text).results().map(match -> match.group(1));

        assertThat(Stream.concat(lines, spans)).allSatisfy(line -> {
            assertThat(line).startsWith("sink ");
            String[] args = line.substring(5).replace("'", "").replace('_', '-').split("\\s+");
            assertThatCode(() -> new CommandLine(new SinkCommand()).parseArgs(args))
                    .as(line)
                    .doesNotThrowAnyException();
        });
        assertThat(FLAG.matcher(text).results().map(match -> match.group(1).replace('_', '-')))
                .allMatch(flag -> new CommandLine(new SinkCommand())
                        .getSubcommands().values().stream()
                                .anyMatch(command -> command.getCommandSpec().findOption(flag) != null));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void give_configurations_that_load_and_documents_that_parse(Path page) throws IOException {
        String text = LlpTest.read(page);
        Map<String, String> env =
                Map.of("LAKE_CREDENTIAL", "a:b", "LAKE_CLIENT_ID", "a", "LAKE_CLIENT_SECRET", "secret");

        for (String yaml : blocks(text, "yaml").toList()) {
            SinkConfig config = ConfigLoader.load(Files.writeString(directory.resolve("sink.yaml"), yaml), env);
            assertThatCode(() -> new PolicyResolver(config, Map.of(), Map.of(), Instant.now()).explain())
                    .doesNotThrowAnyException();
        }
        for (String json : blocks(text, "json").toList()) {
            assertThat(new ObjectMapper().readTree(json).isObject()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void have_one_title_and_links_that_lead_somewhere(Path page) {
        String text = LlpTest.read(page);

        assertThat(HEADING.matcher(text.replaceAll("(?s)```.*?```", "")).results())
                .hasSize(1);
        assertThat(LINK.matcher(text).results()).allSatisfy((MatchResult link) -> {
            Path target = page.resolveSibling(link.group(1)).normalize();
            assertThat(target).exists();
            if (link.group(2) != null) {
                assertThat(LlpTest.anchors(target)).contains(link.group(2).substring(1));
            }
        });
    }

    private static Stream<String> blocks(String text, String language) {
        return BLOCK.matcher(text)
                .results()
                .filter(match -> match.group(1).equals(language))
                .map(match -> match.group(2));
    }
}
