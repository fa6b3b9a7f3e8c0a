package io.sink.cli;

import io.sink.outcome.ExitCode.Help;
import io.sink.verify.VerifyPolicy;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink verify}. */
@Command(
        name = "verify",
        description =
                "Check that every file that the tables refer to is there with its length, and that manifests hold what"
                        + " their manifest lists say; read the rows of a snapshot. Changes nothing.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every table was verified or skipped",
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
final class VerifyCommand implements Callable<Integer> {

    enum Rows {
        none,
        current,
        refs,
        all
    }

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--rows",
            paramLabel = "none|current|refs|all",
            defaultValue = "current",
            description =
                    "Read every row of no snapshot, of main's, of those of every branch and tag, or of all; print the"
                            + " number of rows and a fingerprint that ignores their order. Default: ${DEFAULT-VALUE}.")
    Rows rows = Rows.current;

    @Mixin
    SettingOptions settings = SettingOptions.pace();

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
        VerifyPolicy policy =
                new VerifyPolicy(VerifyPolicy.Rows.valueOf(rows.name().toUpperCase(Locale.ROOT)));
        return new TableRun(global, selection, output, end, settings.given(), monitor)
                .runApart("verify --rows " + rows, (session, parallel) -> List.of(Steps.verify(policy)));
    }
}
