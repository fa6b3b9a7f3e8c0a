package io.sink.cli;

import io.sink.config.TablePolicy;
import io.sink.orphans.OrphansAction;
import io.sink.run.Step;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink orphans}. */
@Command(
        name = "orphans",
        description = "List the files in the tables' places that nothing of the tables names; with --delete also delete"
                + " them.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every table was listed, swept or skipped",
            "1:unexpected internal error",
            "2:the command line is wrong",
            "3:the JVM ran out of memory",
            "10:the configuration is invalid or missing",
            "11:another run has the lock on this host",
            "12:no tables: none configured or none matched (--allow-empty makes it 0)",
            "20:some tables or catalogs failed",
            "21:all of them failed",
            "22:a catalog could not be reached, and no table was looked at",
            "24:the report, or a file beside it, could not be written; what was done to the tables stands",
            "130:stopped by SIGINT at a safe point, report written",
            "143:stopped by SIGTERM at a safe point, report written"
        },
        sortOptions = false)
final class OrphansCommand implements Callable<Integer> {

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(names = "--delete", description = "Delete what would be listed without it.")
    boolean delete;

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            description = "Leave files younger than this, which may be a writer's at work; at least 24h. Default: as"
                    + " configured, else 3d.")
    @Nullable
    String olderThan;

    @Option(
            names = "--max-orphan-bytes-percent",
            paramLabel = "N",
            description = "Guard: leave a table alone if more than N %% of the bytes that were listed would go."
                    + " Default: as configured, else 50.")
    @Nullable
    String maxBytesPercent;

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
        return new TableRun(global, selection, output, end, given(), monitor)
                .run(
                        "orphans" + (delete ? " --delete" : ""),
                        !delete,
                        delete,
                        (session, parallel, tables) ->
                                List.of(Step.of(new OrphansAction(tables), TablePolicy::orphans)));
    }

    private Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>(pace.given());
        if (olderThan != null) {
            given.put("orphans-older-than", olderThan);
        }
        if (maxBytesPercent != null) {
            given.put("max-orphan-bytes-percent", maxBytesPercent);
        }
        return given;
    }
}
