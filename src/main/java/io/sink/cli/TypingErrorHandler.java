package io.sink.cli;

import io.sink.config.Nearest;
import io.sink.outcome.ExitCode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in two or three lines what is wrong with a command line, and where its help is. */
final class TypingErrorHandler implements IParameterExceptionHandler {

    /** What other tools call it. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("compact", "sink maintain --compact"),
            Map.entry("optimize", "sink maintain --compact"),
            Map.entry("rewrite", "sink maintain --compact"),
            Map.entry("expire", "sink maintain"),
            Map.entry("run", "sink maintain"),
            Map.entry("vacuum", "sink maintain, or sink orphans"),
            Map.entry("list", "sink tables"),
            Map.entry("ls", "sink tables"),
            Map.entry("history", "sink snapshots"),
            Map.entry("init", "sink demo, or sink check"));

    private static final Pattern NUMBER = Pattern.compile("is not an? (int|long)$");

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
        if (isNoCommand(wrong, command)) {
            meant(((UnmatchedArgumentException) wrong).getUnmatched().get(0), command)
                    .ifPresent(meant -> err.println("Did you mean: " + meant + "?"));
        } else if (command.getParent() == null) {
            err.println("Options come after the command, as in: sink maintain --dry-run");
        } else {
            UnmatchedArgumentException.printSuggestions(wrong, err);
        }
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE.code();
    }

    private static boolean isNoCommand(ParameterException wrong, CommandLine command) {
        return wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && command.getParent() == null;
    }

    /** The command that does what was typed, or is called nearly so. */
    private static Optional<String> meant(String typed, CommandLine command) {
        String does = ELSEWHERE.get(typed.toLowerCase(Locale.ROOT));
        return does != null
                ? Optional.of(does)
                : Nearest.to(typed, command.getSubcommands().keySet()).map(name -> "sink " + name);
    }

    private static String message(ParameterException wrong, CommandLine command) {
        if (isNoCommand(wrong, command)) {
            return "\"" + ((UnmatchedArgumentException) wrong).getUnmatched().get(0) + "\" is no command";
        }
        return NUMBER.matcher(String.valueOf(wrong.getMessage())).replaceAll("is not a whole number");
    }
}
