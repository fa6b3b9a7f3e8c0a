package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.inspect.SizeHistogram;
import io.sink.outcome.ExitCode.Help;
import io.sink.run.RunRequest;
import io.sink.run.Step;
import io.sink.storage.OtherTables;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink maintain}. */
@Command(
        name = "maintain",
        description =
                "Expire the snapshots that are due, and delete the files that only they needed. With --compact also"
                        + " rewrite small data files into large ones; with --remove-dangling-deletes remove delete"
                        + " files that nothing needs; with --rewrite-manifests merge many small manifests into few.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            Help.OK,
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
            Help.COMMIT_UNKNOWN,
            Help.REPORT_NOT_WRITTEN,
            Help.SIGINT,
            Help.SIGTERM
        },
        sortOptions = false)
final class MaintainCommand implements Callable<Integer> {
    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = {"-n", "--dry-run"},
            description = "Say what would be done, down to each file, and write nothing.")
    boolean dryRun;

    @Option(names = "--compact", description = "Also rewrite data files into fewer, larger ones, after the expiry.")
    boolean compact;

    @Option(
            names = "--remove-dangling-deletes",
            description = "Also remove from the table the delete files that can no longer drop any of its rows.")
    boolean removeDanglingDeletes;

    @Option(names = "--rewrite-manifests", description = "Also merge many small manifests into few, and touch no data.")
    boolean rewriteManifests;

    @Mixin
    SettingOptions settings = SettingOptions.maintenance();

    @Mixin
    EndOptions end = new EndOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    PageOptions page = new PageOptions();

    @Mixin
    MonitorOptions monitor = new MonitorOptions();

    @Mixin
    GlobalOptions global = new GlobalOptions();

    /** @throws UsageException if an option is given that has no effect */
    @Override
    public Integer call() {
        List<String> idle = Stream.of("where", "skip-newest")
                .filter(name -> !compact && settings.given().containsKey(name))
                .map(name ->
                        "--" + name + " narrows a compaction, and none was asked for: add --compact, or leave it out")
                .toList();
        if (!idle.isEmpty()) {
            throw new UsageException(idle);
        }
        return new TableRun(global, selection, output, end, settings.given(), page.and(monitor))
                .looking(page.wanted() ? SizeHistogram::of : RunRequest.Sizes.UNASKED)
                .run(commandLine(), dryRun, !dryRun, (session, parallel, tables) -> steps(parallel, tables));
    }

    /** What a dead run left is settled first, so that no later step takes it for its own or for an orphan file. */
    private List<Step> steps(int parallel, OtherTables tables) {
        List<Step> steps = new ArrayList<>();
        steps.add(Steps.settle(tables));
        steps.add(Steps.expire(tables));
        if (compact) {
            steps.add(Steps.compact(parallel));
        }
        if (removeDanglingDeletes) {
            steps.add(Steps.removeDanglingDeletes());
        }
        if (rewriteManifests) {
            steps.add(Steps.rewriteManifests());
        }
        return steps;
    }

    private String commandLine() {
        return "maintain"
                + (compact ? " --compact" : "")
                + (removeDanglingDeletes ? " --remove-dangling-deletes" : "")
                + (rewriteManifests ? " --rewrite-manifests" : "")
                + (dryRun ? " --dry-run" : "");
    }
}
