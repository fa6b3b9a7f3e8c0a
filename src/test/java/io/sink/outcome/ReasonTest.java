package io.sink.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.cli.SinkCommand;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class ReasonTest {
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");
    private static final Pattern COMMAND = Pattern.compile("(?<=\\bsink )[a-z]+");

    @ParameterizedTest
    @EnumSource(Reason.class)
    void says_what_to_do_about_everything_but_what_is_as_it_should_be(Reason reason) {
        boolean right = reason.outcome() == Outcome.DONE || reason.isNothingDue() || reason == Reason.EXCLUDED;

        assertThat(reason.remedy().isEmpty()).isEqualTo(right);
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void advises_with_options_and_commands_that_there_are(Reason reason) {
        CommandLine sink = new CommandLine(new SinkCommand());
        Set<String> options = sink.getSubcommands().values().stream()
                .flatMap(command -> command.getCommandSpec().optionsMap().keySet().stream())
                .collect(Collectors.toSet());

        assertThat(named(OPTION, reason)).isSubsetOf(options);
        assertThat(named(COMMAND, reason)).isSubsetOf(sink.getSubcommands().keySet());
    }

    private static Set<String> named(Pattern what, Reason reason) {
        return what.matcher(reason.remedy()).results().map(MatchResult::group).collect(Collectors.toSet());
    }
}
