package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.outcome.ExitCode.Help;
import io.sink.rollback.RollbackPolicy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sink rollback}. */
@Command(
        name = "rollback",
        description =
                "Set a branch of a table back to one of its earlier snapshots, if every file of that snapshot is there;"
                        + " deletes nothing.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the branch was set back, would be, or is there already",
            Help.INTERNAL,
            Help.USAGE,
            Help.OUT_OF_MEMORY,
            Help.CONFIGURATION,
            Help.LOCKED,
            Help.NO_STATE,
            "12:there is no such table",
            "21:the branch was not set back",
            "22:the catalog could not be reached",
            Help.COMMIT_UNKNOWN,
            Help.REPORT_NOT_WRITTEN,
            Help.SIGINT,
            Help.SIGTERM
        },
        sortOptions = false)
final class RollbackCommand implements Callable<Integer> {

    @Parameters(arity = "1", paramLabel = "TABLE", description = "The table in full: catalog.namespace.table.")
    String table = "";

    @Option(
            names = "--to",
            paramLabel = "ID",
            required = true,
            description = "The snapshot to go back to; sink snapshots lists them.")
    long to;

    @Option(names = "--branch", paramLabel = "NAME", description = "The branch to set back. Default: main.")
    String branch = "main";

    @Option(
            names = {"-n", "--dry-run"},
            description = "Look at every file of the snapshot, say what would be done, and write nothing.")
    boolean dryRun;

    @Mixin
    EndOptions end = new EndOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    MonitorOptions monitor = new MonitorOptions();

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Override
    public Integer call() {
        SelectionOptions selection = new SelectionOptions();
        selection.tables = List.of(inFull(table));
        RollbackPolicy policy = new RollbackPolicy(to, branch);
        return new TableRun(global, selection, output, end, Map.of(), monitor)
                .run(
                        "rollback --to " + to + " --branch " + branch + (dryRun ? " --dry-run" : ""),
                        dryRun,
                        !dryRun,
                        (session, parallel, tables) -> List.of(Steps.rollback(policy)));
    }

    /**
     * Returns the name of one table.
     *
     * @throws UsageException for a pattern, which could later match other tables
     */
    static String inFull(String table) {
        if (table.contains("*") || table.contains("?") || table.indexOf('.') < 0) {
            throw new UsageException(
                    List.of("TABLE \"" + table + "\" must be one table in full, such as lake.web.events"));
        }
        return table;
    }
}
