package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.demo.DemoWarehouse;
import io.sink.outcome.ExitCode.Help;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sink demo}. */
@Command(
        name = "demo",
        description = "Make a small warehouse with tables in different states, and maintain it.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the warehouse was made and maintained",
            Help.INTERNAL,
            "2:the command line is wrong, or the folder is not empty",
            Help.LOCKED,
            Help.NO_STATE,
            Help.REPORT_NOT_WRITTEN
        },
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            defaultValue = "sink-demo",
            description = "Where to make it; must be empty or not exist. Default: ./${DEFAULT-VALUE}.")
    Path folder = Path.of("sink-demo");

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same rows. Default: ${DEFAULT-VALUE}.")
    long seed = 1;

    @Mixin
    LogOptions log = new LogOptions();

    @Override
    public Integer call() throws IOException {
        Logging.begin(log);
        Path where = folder.toAbsolutePath().normalize();
        Files.createDirectories(where);
        try (Stream<Path> inside = Files.list(where)) {
            if (inside.findAny().isPresent()) {
                throw new UsageException(List.of("FOLDER \"" + folder
                        + "\" is not empty; name another one, or remove it if it is an earlier demo"));
            }
        }
        System.err.println("Making a warehouse in " + where + " …");
        Path configuration = DemoWarehouse.make(where, seed);
        List<String> maintain = new ArrayList<>(List.of("maintain", "--compact", "-c", configuration.toString()));
        maintain.addAll(given());
        System.err.println("Running: sink " + String.join(" ", maintain));
        System.err.println();
        return new CommandLine(new SinkCommand())
                .setExecutionExceptionHandler(new ErrorHandler())
                .execute(maintain.toArray(new String[0]));
    }

    private List<String> given() {
        List<String> given = new ArrayList<>();
        if (log.quiet) {
            given.add("-q");
        }
        if (log.verbose.length > 0) {
            given.add("-" + "v".repeat(log.verbose.length));
        }
        if (log.noColor) {
            given.add("--no-color");
        }
        if (log.format == LogOptions.Format.json) {
            given.add("--log-format=json");
        }
        return given;
    }
}
