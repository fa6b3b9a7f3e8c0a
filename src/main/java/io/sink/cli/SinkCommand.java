package io.sink.cli;

import io.sink.config.Secrets;
import io.sink.outcome.ExitCode;
import io.sink.table.AvroLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code sink}: the program's commands. */
@Command(
        subcommands = {
            MaintainCommand.class,
            InspectCommand.class,
            OrphansCommand.class,
            VerifyCommand.class,
            SnapshotsCommand.class,
            RollbackCommand.class,
            TablesCommand.class,
            ReportCommand.class,
            CheckCommand.class,
            DemoCommand.class
        })
public final class SinkCommand extends RootCommand {

    /**
     * Runs a command line.
     *
     * @return the exit code
     */
    public static int run(String... typed) {
        String[] args = asOptions(typed);
        AvroLimits.set();
        // An argument may be echoed before a configuration is read, and may be a URL with a user and password.
        Secrets byPlace = Secrets.of(List.of());
        System.setOut(byPlace.wrap(System.out));
        System.setErr(byPlace.wrap(System.err));
        CommandLine line = commandLine(args)
                .setExecutionExceptionHandler(new ErrorHandler())
                .setParameterExceptionHandler(new TypingErrorHandler())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .setUsageHelpAutoWidth(true);
        if (System.getenv("NO_COLOR") != null || Arrays.asList(args).contains("--no-color")) {
            line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        }
        int code = line.execute(Arrays.stream(args).map(SinkCommand::dashed).toArray(String[]::new));
        if (code == 0 && System.out.checkError() && !isHelp(args)) {
            System.err.println("sink: stdout could not be written");
            code = ExitCode.REPORT_NOT_WRITTEN.code();
        }
        FailureHook.after(line, code);
        return code;
    }

    /**
     * Ends the process within two seconds, even if threads hang in requests. To be called when its work is done.
     *
     * @param status the exit code
     */
    public static void ending(int status) {
        Signals.endWithin(Duration.ofSeconds(2), status);
    }

    /** Only the command that the first argument names, if any: setting up all of them takes longer than some runs. */
    private static CommandLine commandLine(String... args) {
        for (Class<?> command : SinkCommand.class.getAnnotation(Command.class).subcommands()) {
            if (args.length > 0 && name(command).equals(args[0])) {
                return new CommandLine(new RootCommand()).addSubcommand(command);
            }
        }
        return new CommandLine(new SinkCommand());
    }

    /** Whether nothing but a text for a person was asked for, who may have read enough of it. */
    private static boolean isHelp(String... args) {
        return Arrays.stream(args).anyMatch(Set.of("--help", "-h", "--version", "-V")::contains);
    }

    private static Stream<String> commands() {
        return Arrays.stream(SinkCommand.class.getAnnotation(Command.class).subcommands())
                .map(SinkCommand::name);
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    /** {@code help} and {@code version} as commands, which is what many people type first. */
    private static String[] asOptions(String... typed) {
        if (typed.length == 1 && typed[0].equals("version")) {
            return new String[] {"--version"};
        }
        if (typed.length == 0 || !typed[0].equals("help")) {
            return typed;
        }
        if (typed.length == 1) {
            return new String[] {"--help"};
        }
        boolean known = commands().anyMatch(name -> name.equals(typed[1]));
        return known ? new String[] {typed[1], "--help"} : new String[] {typed[1]};
    }

    /** Flags may be written with underscores, as Spark's procedures name their arguments. */
    private static String dashed(String arg) {
        if (!arg.startsWith("--")) {
            return arg;
        }
        int end = arg.indexOf('=');
        String name = end < 0 ? arg : arg.substring(0, end);
        return name.replace('_', '-') + (end < 0 ? "" : arg.substring(end));
    }
}
