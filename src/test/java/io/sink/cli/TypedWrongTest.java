package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.testing.Captured;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody reads who types a command line that there is not. */
class TypedWrongTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "maintian | \"maintian\" is no command | Did you mean: sink maintain? | sink --help",
                "help maintian | \"maintian\" is no command | Did you mean: sink maintain? | sink --help",
                "maintain --complact | Unknown option: '--complact' | Possible solutions: --compact, | sink maintain --help",
                "maintain --parallel | Missing required parameter for option '--parallel' (N) | sink: | sink maintain --help",
                "check --report xml | Unknown options: '--report', 'xml' | sink: | sink check --help",
                "maintain --report xml | expected one of [text, json, ndjson] | 'xml' | sink maintain --help"
            })
    void says_it_in_three_lines(String line, String message, String suggestion, String help) {
        Captured ended = Captured.of(line.split(" "));

        assertThat(ended.exit()).isEqualTo(2);
        assertThat(ended.stdout()).isEmpty();
        assertThat(ended.stderr()).contains(message, suggestion, "Try '" + help + "'.");
        assertThat(ended.stderr().lines()).hasSizeLessThan(4);
    }

    @Test
    void help_and_version_are_commands_too() {
        for (List<String> line : List.of(List.of("help"), List.of("help", "maintain"), List.of("version"))) {
            Captured ended = Captured.of(line.toArray(String[]::new));

            assertThat(ended.exit()).isZero();
            assertThat(ended.stdout())
                    .startsWith(
                            line.size() == 2
                                    ? "Usage: sink maintain"
                                    : line.equals(List.of("help")) ? "Usage: sink " : "sink ");
        }
    }

    @Test
    void without_anything_it_shows_the_commands() {
        Captured ended = Captured.of();

        assertThat(ended.exit()).isEqualTo(2);
        assertThat(ended.stderr()).startsWith("Usage: sink [OPTIONS] COMMAND").contains("maintain", "check");
    }
}
