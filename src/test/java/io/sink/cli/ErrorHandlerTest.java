package io.sink.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ExitCode;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ErrorHandlerTest {
    @Test
    void what_nobody_expected_is_an_internal_error() throws Exception {
        CommandLine command = new CommandLine(new SinkCommand());

        int code = new ErrorHandler()
                .handleExecutionException(new IllegalStateException("test"), command, command.parseArgs());

        assertThat(code).isEqualTo(ExitCode.INTERNAL.code()).isNotZero();
    }
}
