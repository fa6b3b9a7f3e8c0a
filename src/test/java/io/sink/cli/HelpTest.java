package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ExitCode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class HelpTest {

    static Stream<CommandLine> commands() {
        return new CommandLine(new SinkCommand())
                .getSubcommands().values().stream()
                        .flatMap(command ->
                                Stream.concat(Stream.of(command), command.getSubcommands().values().stream()));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void describes_every_option_and_parameter(CommandLine command) {
        assertThat(command.getCommandSpec().options())
                .allSatisfy(option -> assertThat(option.description())
                        .as(option.longestName())
                        .isNotEmpty());
        assertThat(command.getCommandSpec().positionalParameters())
                .allSatisfy(parameter -> assertThat(parameter.description()).isNotEmpty());
        assertThat(command.getCommandSpec().usageMessage().description()).isNotEmpty();
    }

    /** What takes a value says what it is where it is not given. */
    @ParameterizedTest
    @MethodSource("commands")
    void names_the_default_of_every_single_value(CommandLine command) {
        Stream<OptionSpec> values = command.getCommandSpec().options().stream()
                .filter(option -> option.arity().max() == 1 && !option.isMultiValue())
                .filter(option -> !option.required())
                .filter(option -> !option.longestName().equals("--report-file"));

        assertThat(values)
                .allSatisfy(option -> assertThat(String.join(" ", option.description()))
                        .as(option.longestName())
                        .contains("Default: "));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void lists_only_published_exit_codes(CommandLine command) {
        assertThat(codes(command).keySet())
                .isSubsetOf(published())
                .contains(ExitCode.OK.code(), ExitCode.INTERNAL.code(), ExitCode.USAGE.code());
    }

    @Test
    void lists_every_published_exit_code_for_maintain() {
        assertThat(codes(maintain()).keySet()).isEqualTo(published());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void fits_a_terminal_of_80_columns(CommandLine command) {
        String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);

        assertThat(help.lines()).allMatch(line -> line.length() <= 80);
        assertThat(help).contains("Exit codes:");
    }

    static CommandLine maintain() {
        return commands()
                .filter(command -> command.getCommandName().equals("maintain"))
                .findFirst()
                .orElseThrow();
    }

    static Map<Integer, String> codes(CommandLine command) {
        Map<Integer, String> codes = new LinkedHashMap<>();
        command.getCommandSpec()
                .usageMessage()
                .exitCodeList()
                .forEach((code, meaning) -> codes.put(Integer.valueOf(code.strip()), meaning));
        return codes;
    }

    private static Set<Integer> published() {
        return Arrays.stream(ExitCode.values()).map(ExitCode::code).collect(Collectors.toCollection(TreeSet::new));
    }
}
