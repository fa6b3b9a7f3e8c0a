package io.sink.cli;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sink}: the program's commands. */
@Command(
        name = "sink",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        versionProvider = Version.class,
        description = "Out-of-band maintenance for Apache Iceberg tables: one process, no cluster, no daemon.",
        synopsisSubcommandLabel = "COMMAND",
        abbreviateSynopsis = true,
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%n",
        commandListHeading = "%nCommands:%n",
        subcommands = {
            MaintainCommand.class,
            InspectCommand.class,
            OrphansCommand.class,
            VerifyCommand.class,
            TablesCommand.class,
            CheckCommand.class,
            DemoCommand.class
        })
public final class SinkCommand implements Runnable {

    @Spec
    @Nullable
    CommandSpec spec;

    /**
     * Runs a command line.
     *
     * @return the status to end the process with
     */
    public static int run(String... args) {
        CommandLine line = new CommandLine(new SinkCommand())
                .setExecutionExceptionHandler(new ErrorHandler())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .setUsageHelpAutoWidth(true);
        if (System.getenv("NO_COLOR") != null || Arrays.asList(args).contains("--no-color")) {
            line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        }
        return line.execute(Arrays.stream(args).map(SinkCommand::dashed).toArray(String[]::new));
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

    @Override
    public void run() {
        throw new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), "a command is missing");
    }
}
