package io.sink.cli;

import io.sink.config.ConfigException;
import io.sink.config.UsageException;
import io.sink.outcome.ExitCode;
import io.sink.run.HostLock;
import io.sink.table.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns the exception that ended a command into one message on stderr and the published exit code. */
final class ErrorHandler implements IExecutionExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorHandler.class);

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        if (failure instanceof UsageException || failure instanceof CommandLine.ParameterException) {
            System.err.println("sink: " + failure.getMessage());
            System.err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
            return ExitCode.USAGE.code();
        }
        if (failure instanceof ConfigException) {
            System.err.println(failure.getMessage());
            return ExitCode.CONFIGURATION.code();
        }
        if (failure instanceof HostLock.HeldException) {
            System.err.println("sink: " + failure.getMessage());
            return ExitCode.LOCKED.code();
        }
        if (failure instanceof HostLock.NoStateException) {
            System.err.println("sink: " + failure.getMessage());
            return ExitCode.NO_STATE.code();
        }
        if (failure instanceof ReportNotWrittenException) {
            System.err.println("sink: " + Failures.message(failure));
            return ExitCode.REPORT_NOT_WRITTEN.code();
        }
        System.err.println("sink: unexpected " + failure.getClass().getSimpleName() + ": " + Failures.message(failure)
                + " (run again with -vv for the stack trace)");
        LOG.debug("the command ended with an unexpected exception", failure);
        return ExitCode.INTERNAL.code();
    }
}
