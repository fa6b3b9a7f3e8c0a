package io.sink.cli;

import io.sink.run.Step;
import io.sink.verify.VerifyAction;
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
                "Look whether every file that the tables reach is there with its length, whether manifests hold what"
                        + " their lists say, and what rows a snapshot has; changes nothing.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every table was verified or skipped",
            "1:unexpected internal error",
            "2:the command line is wrong",
            "3:the JVM ran out of memory",
            "10:the configuration is invalid or missing",
            "12:no tables: none configured or none matched (--allow-empty makes it 0)",
            "20:some tables or catalogs failed",
            "21:all of them failed",
            "22:a catalog could not be reached, and no table was looked at",
            "24:the report, or a file beside it, could not be written",
            "130:stopped by SIGINT at a safe point, report written",
            "143:stopped by SIGTERM at a safe point, report written"
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
                    "Read every row of no snapshot, of main's, of those of every branch and tag, or of all, and print"
                            + " their number and a fingerprint of them in any order. Default: ${DEFAULT-VALUE}.")
    Rows rows = Rows.current;

    @Mixin
    PaceOptions pace = new PaceOptions();

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
        return new TableRun(global, selection, output, end, pace.given(), monitor)
                .runApart(
                        "verify --rows " + rows,
                        (session, parallel) -> List.of(Step.of(new VerifyAction(), any -> policy)));
    }
}
