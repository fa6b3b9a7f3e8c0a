package io.sink.cli;

import com.github.f4b6a3.ulid.UlidCreator;
import io.sink.action.Setting;
import io.sink.config.CatalogConfig;
import io.sink.config.RunPolicy;
import io.sink.config.UsageException;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.Shard;
import io.sink.run.CatalogTables;
import io.sink.run.HostLock;
import io.sink.run.RunListener;
import io.sink.run.RunRequest;
import io.sink.run.Runner;
import io.sink.run.Step;
import io.sink.run.Stop;
import io.sink.run.UnfinishedTables;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A run over the tables that a command line selects: lock, walk, report, exit code.
 *
 * @param flags settings that were given as flags, by their names without dashes
 * @param details whether the text report gives the reason of every action even without {@code -v}
 * @param listening wraps the listener that writes the report
 * @param besides outputs other than the report
 * @param sizes looks at the sizes of each table's files
 */
record TableRun(
        GlobalOptions global,
        SelectionOptions selection,
        OutputOptions output,
        EndOptions end,
        Map<String, String> flags,
        boolean details,
        UnaryOperator<RunListener> listening,
        ExtraOutputs.Of besides,
        RunRequest.Sizes sizes) {
    private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    TableRun(
            GlobalOptions global,
            SelectionOptions selection,
            OutputOptions output,
            EndOptions end,
            Map<String, String> flags,
            ExtraOutputs.Of besides) {
        this(global, selection, output, end, flags, false, UnaryOperator.identity(), besides);
    }

    TableRun(
            GlobalOptions global,
            SelectionOptions selection,
            OutputOptions output,
            EndOptions end,
            Map<String, String> flags,
            boolean details,
            UnaryOperator<RunListener> listening,
            ExtraOutputs.Of besides) {
        this(global, selection, output, end, flags, details, listening, besides, RunRequest.Sizes.UNASKED);
    }

    /** The same run, which also looks at the sizes of each table's files. */
    TableRun looking(RunRequest.Sizes sizes) {
        return new TableRun(global, selection, output, end, flags, details, listening, besides, sizes);
    }

    /**
     * Makes the steps of a run from the session, the number of tables at work at once, and the tables of its catalogs.
     */
    @FunctionalInterface
    interface Making {
        List<Step> steps(Session session, int parallel, CatalogTables tables);
    }

    /**
     * Runs steps that need to know of no table but their own.
     *
     * @return the exit code
     */
    int runApart(String command, BiFunction<Session, Integer, List<Step>> steps) {
        return run(command, false, false, false, (session, parallel, tables) -> steps.apply(session, parallel));
    }

    /**
     * Runs to the end. Every selected table is looked at before the first has its turn.
     *
     * @param command the command and the flags that change what it does
     * @param dryRun whether the steps are only planned
     * @param writes whether anything may be written, so that no other run may be at work; a run that changes nothing
     *     takes no lock, whose file would be a change
     * @return the exit code
     */
    int run(String command, boolean dryRun, boolean writes, Making steps) {
        return run(command, dryRun, writes, true, steps);
    }

    private int run(String command, boolean dryRun, boolean writes, boolean acquainted, Making steps) {
        // First, so that a signal from here on still ends in a report.
        Stop stop = new Stop();
        Signals.stopOnSignals(stop);
        String runId = runId();
        Set<Reason> failing = end.failing();
        Shard shard = selection.part();
        output.require();
        Session session = Session.begin(global, selection.with(flags));
        Session.Selection wanted = session.select(selection.tables);
        RunPolicy run = session.policies().run();
        int parallel = value(run.parallel(), 1);
        CatalogTables tables = session.tables();
        RunRequest request = new RunRequest(
                header(runId, command, dryRun, session),
                host(),
                steps.steps(session, parallel, tables),
                wanted.named(),
                wanted.listedIf(run.strict().value()),
                wanted.selected(),
                session.excluded(selection.exclude),
                limits(session, run),
                run.maxBytes() == null ? null : run.maxBytes().value(),
                failing,
                end.allowEmpty,
                parallel,
                sizes,
                session.selectors(selection.tables, selection.exclude));
        SortedMap<String, String> identities = identities(session, wanted);
        try (tables;
                HostLock lock = writes
                        ? StateDirectory.take(output.stateDirectory, System.getenv(), identities, shard, runId)
                        : null;
                UnfinishedTables unfinished = unfinished(
                        lock, command.replace(" --delete", "").replace(" --dry-run", ""), dryRun, identities, shard);
                RunRecord record = lock == null
                        ? RunRecord.none(session.config().secrets())
                        : RunRecord.begin(lock.results(), session.config().secrets());
                Output out = open(besides.run(session, wanted.all(), dryRun), session, failing)) {
            Runner runner = new Runner(
                    session.openings(wanted),
                    session.policies()::resolve,
                    Clock.systemUTC(),
                    stop,
                    acquainted ? tables : null,
                    unfinished);
            RunListener listener = new Warning(
                    record.and(listening.apply(out.listener())),
                    session.unknownVariables(),
                    lock == null ? List.of() : lock.died());
            RunSummary summary = runner.run(request, listener);
            out.finish();
            output.written = output.file;
            return summary.exitCode();
        }
    }

    private RunHeader header(String runId, String command, boolean dryRun, Session session) {
        return new RunHeader(
                runId,
                Version.current(),
                command,
                dryRun,
                session.startedAt(),
                selection.shard == null ? null : selection.part(),
                Trace.parent(System.getenv()));
    }

    private Output open(ExtraOutputs extra, Session session, Set<Reason> failing) {
        return Output.open(
                output,
                extra,
                session.config().secrets(),
                details || global.log.verbosity() > 0,
                Terminal.of(global.log),
                !Logging.leavesTablesToReport(global.log)
                        && (global.log.verbosity() != 0 || global.log.format == LogOptions.Format.json),
                failing);
    }

    private static RunRequest.Limits limits(Session session, RunPolicy run) {
        return new RunRequest.Limits(
                run.deadline() == null
                        ? null
                        : session.startedAt().plus(run.deadline().value()),
                run.commitTimeout().value(),
                run.catalogTimeout().value());
    }

    /** At which tables runs died; this run notes its own only if it has the locks. */
    private UnfinishedTables unfinished(
            @Nullable HostLock lock,
            String command,
            boolean dryRun,
            SortedMap<String, String> identities,
            Shard shard) {
        if (lock != null) {
            return UnfinishedTables.of(lock.unfinished(), command, Clock.systemUTC());
        }
        return dryRun
                ? StateDirectory.unfinished(output.stateDirectory, System.getenv(), identities, shard, command)
                : UnfinishedTables.NONE;
    }

    private String runId() {
        if (output.runId == null) {
            return UlidCreator.getMonotonicUlid().toString();
        }
        if (!RUN_ID.matcher(output.runId).matches()) {
            throw new UsageException(List.of("--run-id \"" + output.runId
                    + "\" must be 1 to 64 letters, digits, dashes or underscores, the first a"
                    + " letter or digit, since it becomes part of file names"));
        }
        return output.runId;
    }

    private static <T> T value(@Nullable Setting<T> setting, T otherwise) {
        return setting == null ? otherwise : setting.value();
    }

    /** The identity of each catalog of the selection, by its name: what a lock is for. */
    private static SortedMap<String, String> identities(Session session, Session.Selection wanted) {
        SortedMap<String, String> catalogs = new TreeMap<>();
        for (CatalogConfig catalog : session.config().catalogs()) {
            if (wanted.opens(catalog.name())) {
                catalogs.put(catalog.name(), session.identity(catalog));
            }
        }
        return catalogs;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
