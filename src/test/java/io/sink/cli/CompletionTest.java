package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.Reason;
import org.junit.jupiter.api.Test;
import picocli.AutoComplete;
import picocli.CommandLine;

/** What a shell offers when somebody presses the tabulator. */
class CompletionTest {
    private final String script = AutoComplete.bash("sink", new CommandLine(new SinkCommand()));

    @Test
    void offers_the_reasons_that_can_count_as_failures() {
        assertThat(script).contains("\"deferred\"", "\"failed\"");
        for (Reason reason : Reason.values()) {
            assertThat(script).contains("\"" + reason.code() + "\"");
        }
    }

    @Test
    void offers_the_values_of_a_setting_that_has_few() {
        assertThat(script).contains("\"columns\"", "\"partial\"", "\"skip-group\"", "\"ndjson\"");
    }
}
