package io.sink.cli;

import com.github.f4b6a3.ulid.UlidCreator;
import io.sink.action.Setting;
import io.sink.compact.CompactAction;
import io.sink.compact.SettleAction;
import io.sink.config.CatalogConfig;
import io.sink.config.RunPolicy;
import io.sink.config.TablePolicy;
import io.sink.config.UsageException;
import io.sink.engine.LocalEngine;
import io.sink.expire.ExpireAction;
import io.sink.outcome.Reason;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.run.HostLock;
import io.sink.run.RunRequest;
import io.sink.run.Runner;
import io.sink.run.Step;
import io.sink.run.Stop;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sink maintain}. */
@Command(
        name = "maintain",
        description =
                "Expire the snapshots that are due, and delete the files that only they needed; with --compact also"
                        + " rewrite small data files into large ones.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every table was done, planned or skipped, or lost a race",
            "1:unexpected internal error",
            "2:the command line is wrong",
            "3:the JVM ran out of memory",
            "10:the configuration is invalid or missing",
            "11:another run has the lock on this host",
            "12:no tables: none configured or none matched (--allow-empty makes it 0)",
            "20:some tables or catalogs failed",
            "21:all of them failed",
            "22:no catalog could be reached, and no table was looked at",
            "23:a commit whose state is unknown: a person must look",
            "24:the report could not be written; what was done to the tables stands",
            "130:stopped by SIGINT at a safe point, report written",
            "143:stopped by SIGTERM at a safe point, report written"
        },
        sortOptions = false)
final class MaintainCommand implements Callable<Integer> {
    private static final Pattern RUN_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = {"-n", "--dry-run"},
            description = "Say what would be done, to the file, and write nothing.")
    boolean dryRun;

    @Option(names = "--compact", description = "Also rewrite data files into fewer, larger ones, after the expiry.")
    boolean compact;

    @Mixin
    PolicyOptions policy = new PolicyOptions();

    @Option(
            names = "--fail-on",
            paramLabel = "REASON",
            split = ",",
            description = "Reasons that count as failures for the exit code, for example"
                    + " commit-conflict,deadline-reached.")
    List<String> failOn = new ArrayList<>();

    @Option(names = "--allow-empty", description = "End with 0 and not 12 where there is no table.")
    boolean allowEmpty;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    GlobalOptions global = new GlobalOptions();

    @Override
    public Integer call() {
        String runId = runId();
        Set<Reason> failing = failOn();
        Session session = Session.begin(global, policy.given());
        Session.Selection wanted = session.select(selection.tables);
        RunPolicy run = session.policies().run();
        RunRequest request = new RunRequest(
                new RunHeader(runId, Version.current(), commandLine(), dryRun, session.startedAt()),
                host(),
                steps(value(run.parallel(), 1)),
                wanted.named(),
                wanted.listed(),
                wanted.selected(),
                session.excluded(selection.exclude),
                run.deadline() == null
                        ? null
                        : session.startedAt().plus(run.deadline().value()),
                failing,
                allowEmpty,
                value(run.parallel(), 1));
        Stop stop = new Stop();
        Signals.stopOnSignals(stop);
        Runner runner = new Runner(session.openings(wanted), session.policies()::resolve, Clock.systemUTC(), stop);
        try (HostLock lock = lock(session, wanted, runId);
                Output out = Output.open(output, session.config().secrets(), global.log.verbosity() > 0)) {
            RunSummary summary = runner.run(request, out.listener());
            out.finish();
            return summary.exitCode();
        }
    }

    private String runId() {
        if (output.runId == null) {
            return UlidCreator.getMonotonicUlid().toString();
        }
        if (!RUN_ID.matcher(output.runId).matches()) {
            throw new UsageException(
                    List.of(
                            "--run-id \"" + output.runId
                                    + "\" must be 1 to 64 letters, digits, dashes or underscores, since it becomes part of file names"));
        }
        return output.runId;
    }

    private Set<Reason> failOn() {
        Set<Reason> reasons = EnumSet.noneOf(Reason.class);
        for (String code : failOn) {
            reasons.add(Reason.byCode(code.strip())
                    .orElseThrow(() -> new UsageException(List.of("--fail-on \"" + code + "\" is no reason; there are: "
                            + Arrays.stream(Reason.values()).map(Reason::code).collect(Collectors.joining(", "))))));
        }
        return reasons;
    }

    /** What a dead run left goes first, so that no later step mistakes it for anything. */
    private List<Step> steps(int parallel) {
        List<Step> steps = new ArrayList<>();
        steps.add(Step.of(new SettleAction(), TablePolicy::compact));
        steps.add(Step.of(new ExpireAction(), TablePolicy::expire));
        if (compact) {
            steps.add(Step.of(
                    new CompactAction(new LocalEngine(parallel), Clock.systemUTC(), Version.current()),
                    TablePolicy::compact));
        }
        return steps;
    }

    private String commandLine() {
        return "maintain" + (compact ? " --compact" : "") + (dryRun ? " --dry-run" : "");
    }

    private static <T> T value(@Nullable Setting<T> setting, T otherwise) {
        return setting == null ? otherwise : setting.value();
    }

    /** A dry run takes no lock: it changes nothing, and a lock file would be a change. */
    private @Nullable HostLock lock(Session session, Session.Selection wanted, String runId) {
        if (dryRun) {
            return null;
        }
        SortedMap<String, String> catalogs = new TreeMap<>();
        for (CatalogConfig catalog : session.config().catalogs()) {
            if (wanted.opens(catalog.name())) {
                catalogs.put(catalog.name(), session.identity(catalog));
            }
        }
        Map<String, String> env = System.getenv();
        String state = env.getOrDefault("XDG_STATE_HOME", System.getProperty("user.home") + "/.local/state");
        return HostLock.take(Path.of(state, "sink", "locks"), catalogs, runId);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
