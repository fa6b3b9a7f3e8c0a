package io.sink.cli;

import io.sink.outcome.ExitCode.Help;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink orphans}. */
@Command(
        name = "orphans",
        description = "List the orphan files: files in the tables' places that no table refers to; with --delete also"
                + " delete them.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every table was listed, swept or skipped",
            Help.INTERNAL,
            Help.USAGE,
            Help.OUT_OF_MEMORY,
            Help.CONFIGURATION,
            Help.LOCKED,
            Help.NO_TABLES,
            Help.NO_STATE,
            Help.SOME_FAILED,
            Help.ALL_FAILED,
            Help.CATALOG_UNREACHABLE,
            Help.REPORT_NOT_WRITTEN,
            Help.SIGINT,
            Help.SIGTERM
        },
        sortOptions = false)
final class OrphansCommand implements Callable<Integer> {

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(names = "--delete", description = "Delete the files that are only listed without this option.")
    boolean delete;

    @Mixin
    SettingOptions settings = SettingOptions.orphans();

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
        return new TableRun(global, selection, output, end, settings.given(), monitor)
                .run(
                        "orphans" + (delete ? " --delete" : ""),
                        !delete,
                        delete,
                        (session, parallel, tables) -> List.of(Steps.orphans(tables)));
    }
}
