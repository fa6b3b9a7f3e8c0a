package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.outcome.ExitCode.Help;
import io.sink.report.Ranked;
import io.sink.run.Step;
import io.sink.storage.OtherTables;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink inspect}. */
@Command(
        name = "inspect",
        description = "Describe the state of the tables, and what each action would do to them and why; tables with the"
                + " most to gain come first. Changes nothing.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every table was looked at or skipped",
            Help.INTERNAL,
            Help.USAGE,
            Help.OUT_OF_MEMORY,
            Help.CONFIGURATION,
            Help.NO_TABLES,
            Help.SOME_FAILED,
            Help.ALL_FAILED,
            Help.CATALOG_UNREACHABLE,
            Help.REPORT_NOT_WRITTEN,
            Help.SIGINT,
            Help.SIGTERM
        },
        sortOptions = false)
final class InspectCommand implements Callable<Integer> {

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "Report only the N tables with the most to gain. Default: all.")
    @Nullable
    Integer top;

    @Mixin
    SettingOptions settings = SettingOptions.maintenance();

    @Mixin
    EndOptions end = new EndOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    PageOptions page = new PageOptions();

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Override
    public Integer call() {
        int most = top == null ? Integer.MAX_VALUE : top;
        if (most < 1) {
            throw new UsageException(List.of("--top " + most + " must be at least 1"));
        }
        return new TableRun(global, selection, output, end, settings.given(), true, to -> new Ranked(to, most), page)
                .run("inspect", true, false, (session, parallel, tables) -> steps(parallel, tables));
    }

    private static List<Step> steps(int parallel, OtherTables tables) {
        return List.of(
                Steps.inspect(),
                Steps.settle(tables),
                Steps.expire(tables),
                Steps.compact(parallel),
                Steps.removeDanglingDeletes(),
                Steps.rewriteManifests());
    }
}
