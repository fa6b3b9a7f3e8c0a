package io.sink.cli;

import io.sink.config.Explained;
import io.sink.outcome.ExitCode;
import io.sink.outcome.ExitCode.Help;
import io.sink.report.Columns;
import io.sink.report.LineWidth;
import io.sink.run.BoundedLook;
import io.sink.run.CatalogOpening;
import io.sink.run.CatalogTables;
import io.sink.run.Connection;
import io.sink.run.Overlaps;
import io.sink.run.Selectors;
import io.sink.run.Stop;
import io.sink.storage.OtherTables.Survey;
import io.sink.storage.OtherTables.Unknown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink check}. */
@Command(
        name = "check",
        description =
                "Check the configuration and print what it sets with its source, with -v every value; secrets are never"
                        + " printed. With"
                        + " --connect also try every catalog, and on the storage of its first table each"
                        + " operation that maintenance needs.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the configuration is valid, and with --connect everything that was tried went well",
            Help.INTERNAL,
            Help.USAGE,
            Help.CONFIGURATION,
            "20:an attempt on some of the catalogs failed, or a table cannot be read",
            "21:an attempt on each of the catalogs failed",
            "22:no catalog could be reached",
            Help.REPORT_NOT_WRITTEN,
            Help.SIGINT,
            Help.SIGTERM
        },
        sortOptions = false)
final class CheckCommand implements Callable<Integer> {
    private static final int MOST_OVERLAPS = 100;

    @Option(
            names = "--connect",
            description = "Open and list every catalog; list, read, write and delete in the place of its first table."
                    + " Writes objects named sink-probe-… and deletes them again. Then load every table, and name"
                    + " places that nest and entries that are one table.")
    boolean connect;

    @Mixin
    SettingOptions settings = SettingOptions.maintenance();

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Override
    public Integer call() {
        Stop stop = new Stop();
        Signals.stopOnSignals(stop);
        Session session = Session.begin(global, settings.given());
        System.out.println(session.config().file() + " is valid");
        Terminal terminal = Terminal.of(global.log);
        LineWidth width = terminal.width(session.config().secrets());
        List<List<String>> lines = new ArrayList<>();
        long all = 0;
        for (Explained every : session.policies().explain()) {
            all += every.lines().size();
            Explained scope = global.log.verbosity() > 0 ? every : every.set();
            String named = scope.scope();
            for (Explained.Line line : scope.lines()) {
                lines.add(List.of(named, line.key(), line.value(), line.source()));
                // Scripts find the scope on every line; a person sees it once.
                named = terminal.stdout() ? "" : named;
            }
        }
        System.out.println();
        System.out.println(Columns.of(List.of("APPLIES TO", "KEY", "VALUE", "SOURCE"), width)
                .of(lines));
        List<String> hidden = session.policies().hidden();
        if (!hidden.isEmpty()) {
            System.out.println();
            System.out.println("What does not apply:");
            hidden.forEach(
                    line -> width.wrapped("  " + session.config().secrets().redact(line), 4)
                            .forEach(System.out::println));
        }
        if (all > lines.size()) {
            System.out.println();
            width.wrapped(
                            "All else is as it is by default, or as the table says: sink check -v shows all " + all
                                    + " values.",
                            0)
                    .forEach(System.out::println);
        }
        return connect ? connect(session, stop, width) : ExitCode.OK.code();
    }

    private static int connect(Session session, Stop stop, LineWidth width) {
        try {
            return tryAll(session, stop, width);
        } catch (BoundedLook.LeftException e) {
            System.err.println("sink: " + e.getMessage() + "; not everything was tried");
            return Objects.requireNonNullElse(e.status(), ExitCode.CATALOG_UNREACHABLE)
                    .code();
        }
    }

    private static int tryAll(Session session, Stop stop, LineWidth width) {
        List<Connection> tried = new ArrayList<>();
        try {
            for (CatalogOpening opening : session.allOpenings()) {
                tried.add(tryOut(session, opening, stop));
            }
        } finally {
            print(tried, width);
        }
        Selectors selectors = session.selectors(List.of(), List.of());
        BoundedLook look = new BoundedLook(stop, BoundedLook.ENDLESS, Duration.ZERO);
        Survey survey;
        try (CatalogTables tables = session.tables(selectors)) {
            survey = look.of("the look at every table", () -> tables.survey(() -> {}));
        }
        overlaps(Overlaps.of(survey));
        unreadable(survey.unknown(), width);
        List<String> unmatched = selectors.unmatched(true);
        if (!unmatched.isEmpty()) {
            System.out.println();
            System.out.println("What matches nothing:");
            unmatched.forEach(line -> width.wrapped("  " + line, 4).forEach(System.out::println));
        }
        ExitCode refusal = selectors.refusal();
        if (refusal != null) {
            return refusal.code();
        }
        int status = status(tried);
        return status == ExitCode.OK.code() && !survey.unknown().isEmpty() ? ExitCode.SOME_FAILED.code() : status;
    }

    private static void unreadable(List<Unknown> unknown, LineWidth width) {
        if (unknown.isEmpty()) {
            return;
        }
        System.out.println();
        System.out.println("FAILED, of which nobody knows where the files are:");
        unknown.stream()
                .limit(MOST_OVERLAPS)
                .forEach(each -> width.wrapped("  " + each, 4).forEach(System.out::println));
        if (unknown.size() > MOST_OVERLAPS) {
            System.out.println("  and " + (unknown.size() - MOST_OVERLAPS) + " more");
        }
    }

    /** A catalog that hangs counts as unreachable; the others are still tried. */
    private static Connection tryOut(Session session, CatalogOpening opening, Stop stop) {
        BoundedLook look =
                new BoundedLook(stop, session.policies().run().catalogTimeout().value(), BoundedLook.GRACE);
        try {
            return look.of(
                    "the trial of catalog " + opening.name(),
                    () -> Connection.tryOut(
                            opening, ref -> !session.policies().resolve(ref).excluded()));
        } catch (BoundedLook.LeftException e) {
            if (e.status() != null) {
                throw e;
            }
            return Connection.late(opening.name(), String.valueOf(e.getMessage()));
        }
    }

    private static void print(List<Connection> tried, LineWidth width) {
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
    }

    private static void overlaps(List<String> found) {
        System.out.println();
        if (found.isEmpty()) {
            System.out.println("Every table that can be read has places of its own.");
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
