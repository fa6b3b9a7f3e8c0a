package io.sink.cli;

import io.sink.config.Explained;
import io.sink.report.Columns;
import io.sink.run.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sink check}. */
@Command(
        name = "check",
        description = "Check the configuration and print every value with its source; secrets are never printed.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the configuration is valid",
            "1:unexpected internal error",
            "2:the command line is wrong",
            "10:the configuration is invalid or missing; every problem is printed"
        },
        sortOptions = false)
final class CheckCommand implements Callable<Integer> {

    @Mixin
    PolicyOptions policy = new PolicyOptions();

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Override
    public Integer call() {
        Session session = Session.begin(global, policy.given());
        System.out.println(session.config().file() + " is valid");
        List<List<String>> lines = new ArrayList<>();
        for (Explained scope : session.policies().explain()) {
            for (Explained.Line line : scope.lines()) {
                lines.add(List.of(scope.scope(), line.key(), line.value(), line.source()));
            }
        }
        System.out.println();
        System.out.println(Columns.of(List.of("APPLIES TO", "KEY", "VALUE", "SOURCE"), lines));
        return ExitCode.OK;
    }
}
