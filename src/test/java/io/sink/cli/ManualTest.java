package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the manual says beside what is made from the commands' help. */
class ManualTest {
    private static final Path PAGES = Path.of("src/dist/man");
    private static final Pattern EXAMPLE = Pattern.compile("`(?:sink ([^`]*)|\\+sink ([^`]*)\\+)`");

    @Test
    void has_a_page_for_each_command_that_leads_to_all_others() throws IOException {
        String common = Files.readString(PAGES.resolve("_common.adoc"));
        for (String name : pages().keySet()) {
            String page = Files.readString(PAGES.resolve(name + ".adoc"));

            assertThat(page)
                    .contains("{generated}/" + name + ".adoc", "== EXAMPLES")
                    .endsWith("include::_common.adoc[]\n");
            // A page of a command's own command is found through that command's.
            assertThat(name.chars().filter(c -> c == '-').count() > 1 || common.contains("*" + name + "*(1)"))
                    .as(name)
                    .isTrue();
        }
    }

    @Test
    void has_examples_that_can_be_typed() throws IOException {
        for (String name : pages().keySet()) {
            List<String> lines = EXAMPLE.matcher(Files.readString(PAGES.resolve(name + ".adoc")))
                    .results()
                    .map(match -> {
                        // Between backquotes alone, two asterisks would make bold what is between them.
                        assertThat(match.group(1) == null || !match.group(1).contains("*"))
                                .as(match.group())
                                .isTrue();
                        return match.group(1) == null ? match.group(2) : match.group(1);
                    })
                    .toList();

            assertThat(lines).as(name).isNotEmpty().allSatisfy(line -> {
                // As a shell takes the line apart.
                String[] args = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)")
                        .matcher(line)
                        .results()
                        .map(match -> match.group().replaceAll("^[\"']|[\"']$", ""))
                        .toArray(String[]::new);
                assertThatCode(() -> new CommandLine(new SinkCommand()).parseArgs(args))
                        .as(line)
                        .doesNotThrowAnyException();
            });
        }
    }

    /** Every command by the name of its page. */
    private static Map<String, CommandLine> pages() {
        Map<String, CommandLine> pages = new TreeMap<>();
        add("sink", new CommandLine(new SinkCommand()), pages);
        return pages;
    }

    private static void add(String name, CommandLine command, Map<String, CommandLine> pages) {
        pages.put(name, command);
        command.getSubcommands().forEach((sub, line) -> add(name + "-" + sub, line, pages));
    }
}
