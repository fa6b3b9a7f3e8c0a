package io.sink.cli;

import io.sink.config.Explained;
import io.sink.outcome.ExitCode;
import io.sink.outcome.ExitCode.Help;
import io.sink.report.Columns;
import io.sink.report.LineWidth;
import io.sink.run.CatalogTables;
import io.sink.run.Connection;
import io.sink.run.Overlaps;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink check}. */
@Command(
        name = "check",
        description = "Check the configuration and print every value with its source; secrets are never printed. With"
                + " --connect also try every catalog, and on the storage of its first table what"
                + " maintenance does there.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the configuration is valid, and with --connect everything that was tried went well",
            Help.INTERNAL,
            Help.USAGE,
            Help.CONFIGURATION,
            "20:something that was tried on some catalogs did not go well",
            "21:something did not go well on any of them",
            "22:no catalog could be reached",
            Help.REPORT_NOT_WRITTEN
        },
        sortOptions = false)
final class CheckCommand implements Callable<Integer> {
    private static final int MOST_OVERLAPS = 100;

    @Option(
            names = "--connect",
            description = "Open and list every catalog; list, read, write and delete where its first table is. Writes"
                    + " objects named sink-probe-… and takes them away again. Then load every table, and name"
                    + " places that"
                    + " nest and entries that are one table.")
    boolean connect;

    @Mixin
    SettingOptions settings = SettingOptions.maintenance();

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Override
    public Integer call() {
        Session session = Session.begin(global, settings.given());
        System.out.println(session.config().file() + " is valid");
        Terminal terminal = Terminal.of(global.log);
        LineWidth width = terminal.width(session.config().secrets());
        List<List<String>> lines = new ArrayList<>();
        for (Explained scope : session.policies().explain()) {
            String named = scope.scope();
            for (Explained.Line line : scope.lines()) {
                lines.add(List.of(named, line.key(), line.value(), line.source()));
                // A script finds it on every line, a person once.
                named = terminal.stdout() ? "" : named;
            }
        }
        System.out.println();
        System.out.println(Columns.of(List.of("APPLIES TO", "KEY", "VALUE", "SOURCE"), width)
                .of(lines));
        return connect ? connect(session, width) : ExitCode.OK.code();
    }

    private static int connect(Session session, LineWidth width) {
        List<Connection> tried = session.openings(session.select(List.of())).stream()
                .map(opening -> Connection.tryOut(
                        opening, ref -> !session.policies().resolve(ref).excluded()))
                .toList();
        List<List<String>> lines = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Connection connection : tried) {
            for (Connection.Finding finding : connection.findings()) {
                String problem = finding.problem();
                lines.add(List.of(
                        connection.catalog(), finding.what(), problem == null ? "ok" : "FAILED", finding.about()));
                if (problem != null) {
                    problems.add("%s: %s of %s failed: %s"
                            .formatted(connection.catalog(), finding.what(), finding.about(), problem));
                }
            }
        }
        System.out.println();
        System.out.println(Columns.of(List.of("CATALOG", "TRIED", "RESULT", "ABOUT"), width)
                .of(lines));
        if (!problems.isEmpty()) {
            System.out.println();
            problems.forEach(System.out::println);
        }
        try (CatalogTables tables = session.tables()) {
            overlaps(Overlaps.of(tables.survey(() -> {})));
        }
        return status(tried);
    }

    private static void overlaps(List<String> found) {
        System.out.println();
        if (found.isEmpty()) {
            System.out.println("Every table has places of its own.");
            return;
        }
        System.out.println("Shared places and double entries:");
        found.stream().limit(MOST_OVERLAPS).forEach(line -> System.out.println("  " + line));
        if (found.size() > MOST_OVERLAPS) {
            System.out.println("  and " + (found.size() - MOST_OVERLAPS) + " more");
        }
    }

    private static int status(List<Connection> tried) {
        if (tried.stream().allMatch(Connection::isSound)) {
            return ExitCode.OK.code();
        }
        if (tried.stream().noneMatch(Connection::reached)) {
            return ExitCode.CATALOG_UNREACHABLE.code();
        }
        return tried.stream().noneMatch(Connection::isSound) ? ExitCode.ALL_FAILED.code() : ExitCode.SOME_FAILED.code();
    }
}
