package io.sink.cli;

import io.sink.outcome.ExitCode;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in two or three lines what is wrong with a command line, and where its help is. */
final class TypingErrorHandler implements IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        if (args.length == 0) {
            command.usage(err);
            err.flush();
            return ExitCode.USAGE.code();
        }
        err.println("sink: " + message(wrong, command));
        UnmatchedArgumentException.printSuggestions(wrong, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE.code();
    }

    private static String message(ParameterException wrong, CommandLine command) {
        boolean noCommand = wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && command.getParent() == null;
        return noCommand
                ? "\"" + ((UnmatchedArgumentException) wrong).getUnmatched().get(0) + "\" is no command"
                : String.valueOf(wrong.getMessage());
    }
}
