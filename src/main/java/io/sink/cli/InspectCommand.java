package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.inspect.InspectAction;
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
        description =
                "Say how the tables are, and what each action would do to them and why, those first from which the most is"
                        + " to be gained; changes nothing.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every table was looked at or skipped",
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
final class InspectCommand implements Callable<Integer> {

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "Report only the N tables from which the most is to be gained. Default: all.")
    @Nullable
    Integer top;

    @Mixin
    PolicyOptions policy = new PolicyOptions();

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
        return new TableRun(global, selection, output, end, policy.given(), true, to -> new Ranked(to, most), page)
                .run("inspect", true, false, (session, parallel, tables) -> steps(parallel, tables));
    }

    private static List<Step> steps(int parallel, OtherTables tables) {
        return List.of(
                Step.of(new InspectAction(), policy -> policy),
                Steps.settle(tables),
                Steps.expire(tables),
                Steps.compact(parallel),
                Steps.removeDanglingDeletes(),
                Steps.rewriteManifests());
    }
}
