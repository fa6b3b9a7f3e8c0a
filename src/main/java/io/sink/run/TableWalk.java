package io.sink.run;

import io.sink.action.Decision;
import io.sink.action.Plan;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.catalog.Gate;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.TablePolicy;
import io.sink.engine.MemoryBudget;
import io.sink.engine.MemoryBudgetException;
import io.sink.engine.Need;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.outcome.TableReport;
import io.sink.outcome.TableState;
import io.sink.storage.CommitFiles;
import io.sink.storage.OtherTables;
import io.sink.table.ClockSkew;
import io.sink.table.Failures;
import io.sink.table.ReadOnlyOperations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The work on one table: loads it, then plans and does each action. Whatever happens, it ends in a report. */
final class TableWalk {
    private static final Logger LOG = LoggerFactory.getLogger(TableWalk.class);

    /** Memory that a snapshot takes with its summary. */
    private static final long BYTES_OF_SNAPSHOT = 2048;

    private static final long BYTES_OF_LOG_ENTRY = 256;

    private final RunRequest request;
    private final Stop stop;
    private final InstantSource clock;
    private final Budget budget;
    private final RunListener listener;
    private final OtherTables tables;
    private final Ending ending;
    private final UnfinishedTables unfinished;

    /**
     * @param tables tells whether another entry of a table is known
     * @param unfinished at which tables earlier runs died
     */
    TableWalk(
            RunRequest request,
            Ending ending,
            Stop stop,
            InstantSource clock,
            Budget budget,
            RunListener listener,
            OtherTables tables,
            UnfinishedTables unfinished) {
        this.tables = tables;
        this.unfinished = unfinished;
        this.ending = ending;
        this.listener = listener;
        this.budget = budget;
        this.request = request;
        this.stop = stop;
        this.clock = clock;
    }

    /** The work on a table as a job, which can be given up once the run has to end. */
    BoundedExecutor.Job<TableReport> job(TableSource source, TableRef ref, TablePolicy policy) {
        TableSoFar soFar = new TableSoFar(ref, policy.rule());
        return new BoundedExecutor.Job<>() {
            @Override
            public TableReport call() {
                return walk(source, ref, policy, soFar);
            }

            @Override
            public Optional<TableReport> givenUp() {
                Optional<TableReport> instead = ending.close(soFar.gate()).map(soFar::givenUp);
                instead.ifPresent(report -> unfinished.gaveUp(ref));
                return instead;
            }
        };
    }

    private TableReport walk(TableSource source, TableRef ref, TablePolicy policy, TableSoFar soFar) {
        ActionResult notBegun = notBegun(ref, policy);
        if (notBegun != null) {
            return unloaded(ref, policy.rule(), notBegun, Duration.ZERO);
        }
        LOG.info("{}: begin", ref);
        unfinished.begin(ref);
        boolean done = false;
        try {
            TableReport report = begun(source, ref, policy, soFar);
            done = report.actions().stream()
                    .noneMatch(action -> action.action() == ActionName.LOAD
                            || action.reason() == Reason.INTERRUPTED
                            || action.reason() == Reason.DEADLINE_REACHED);
            return report;
        } finally {
            unfinished.end(ref, done);
        }
    }

    private TableReport begun(TableSource source, TableRef ref, TablePolicy policy, TableSoFar soFar) {
        long start = System.nanoTime();
        TableOperations loaded;
        TableMetadata metadata;
        try {
            loaded = soFar.gate().before(source.load(ref).operations());
            metadata = loaded.current();
            unfinished.loaded(ref);
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("{}: cannot be loaded", ref, e);
            Reason reason = Failures.loadReason(e);
            return unloaded(ref, policy.rule(), ActionResult.of(reason, Failures.message(e)), since(start));
        }
        try (MemoryBudget.Reservation memory = MemoryBudget.tables().reserve(need(metadata))) {
            return CommitFiles.keeping(
                    tables.hasOtherEntry(ref.fullName(), metadata),
                    () -> acted(source, ref, policy, loaded, metadata, soFar));
        } catch (MemoryBudgetException e) {
            return unloaded(
                    ref,
                    policy.rule(),
                    ActionResult.of(Reason.MEMORY_BUDGET, "the table's metadata " + e.getMessage()),
                    since(start));
        }
    }

    /** The memory for what is kept of a table while it is at work: its snapshots and its logs. */
    private static Need need(TableMetadata metadata) {
        long logged =
                (long) metadata.snapshotLog().size() + metadata.previousFiles().size();
        long bytes = metadata.snapshots().size() * BYTES_OF_SNAPSHOT + logged * BYTES_OF_LOG_ENTRY;
        return new Need(bytes, bytes);
    }

    private TableReport acted(
            TableSource source,
            TableRef ref,
            TablePolicy policy,
            TableOperations loaded,
            TableMetadata metadata,
            TableSoFar soFar) {
        TableOperations ops = request.header().dryRun() ? new ReadOnlyOperations(loaded) : loaded;
        TableState before = sized(state(metadata), ops, null);
        Aftermath aftermath = new Aftermath(source, ref, metadata);
        soFar.loaded(metadata.uuid(), before);
        Subject subject = new Subject(
                ref.fullName(),
                ops,
                source.commitsDieWithProcess(),
                request.header().runId(),
                request.host(),
                request.header().startedAt(),
                new RunStop(stop, request.deadline(), clock));
        for (Step step : request.steps()) {
            Supplier<Decision> planning = () -> step.plan(subject, policy);
            for (boolean first = true; planning != null; first = false) {
                soFar.begin(step.name());
                listener.acting(ref.fullName(), step.name());
                Turnout turnout = new Turnout(step.name(), planning, ops);
                Supplier<ActionResult> action = () -> guarded(ref, step, soFar.gate(), turnout::of);
                ActionResult result = action.get();
                // What follows on something was planned for that, and is not done twice.
                result = aftermath.explained(result, first ? action : turnout::again);
                planning = turnout.next(result);
                if (step.isSilent(result) || (!first && result.reason().isNothingDue())) {
                    soFar.end(null);
                    continue;
                }
                soFar.end(result);
                LOG.info(
                        "{}: {} {} {} {}",
                        ref,
                        step.name().code(),
                        result.outcome().code(),
                        result.reason().code(),
                        result.detail());
            }
        }
        return soFar.report(stateNow(ops, before));
    }

    private @Nullable ActionResult notBegun(TableRef ref, TablePolicy policy) {
        if (request.excluded().test(ref)) {
            return ActionResult.of(Reason.EXCLUDED, "by flag --exclude");
        }
        if (policy.excluded()) {
            return ActionResult.of(Reason.EXCLUDED, "by rule \"" + policy.rule() + "\"");
        }
        if (stop.stopped()) {
            return ActionResult.of(Reason.INTERRUPTED, "not begun: the run was stopped by " + stop.signal());
        }
        if (request.deadline() != null && !clock.instant().isBefore(request.deadline())) {
            return ActionResult.of(
                    Reason.DEADLINE_REACHED, "not begun before the deadline, which passed at " + request.deadline());
        }
        String refusal = unfinished.refusal(ref);
        return refusal == null || request.named().contains(ref) ? null : ActionResult.of(Reason.RUNS_DIED, refusal);
    }

    /** What comes of one plan. */
    private final class Turnout {
        private final ActionName action;
        private final Supplier<Decision> planning;
        private final TableOperations ops;
        private @Nullable Plan plan;
        private @Nullable ActionResult result;

        Turnout(ActionName action, Supplier<Decision> planning, TableOperations ops) {
            this.action = action;
            this.planning = planning;
            this.ops = ops;
        }

        ActionResult of() {
            plan = null;
            result = null;
            Decision decision = planning.get();
            result = decision instanceof Decision.Stay stay ? stay.result() : done(((Decision.Go) decision).plan());
            return result;
        }

        ActionResult again() {
            return Objects.requireNonNull(result);
        }

        /** Plans what follows on it; null if nothing does. */
        @Nullable
        Supplier<Decision> next(ActionResult explained) {
            return plan == null ? null : plan.next(explained);
        }

        private ActionResult done(Plan whole) {
            plan = whole;
            if (action.is(ActionName.Trait.SPENDS_BUDGET) && budget.isLimited()) {
                ActionResult deferred = budget.take(whole.expected());
                if (deferred != null) {
                    plan = whole.within(budget.left());
                    if (plan == null || budget.take(plan.expected()) != null) {
                        return deferred;
                    }
                }
            }
            if (request.header().dryRun()) {
                return plan.preview();
            }
            ActionResult refused = refusedBySkew(action, ops);
            return refused == null ? plan.execute() : refused;
        }
    }

    /** Whether clocks differ so much that the commit would be refused: checked before the work, not after it. */
    private @Nullable ActionResult refusedBySkew(ActionName action, TableOperations ops) {
        Reason reason = action.ofNoCommit();
        if (reason == null) {
            return null;
        }
        String skew = ClockSkew.of(ops.current(), clock.instant());
        return skew == null ? null : ActionResult.of(reason, skew);
    }

    /** Turns an unexpected exception into a failure of this action alone; the others go on. */
    private static ActionResult guarded(TableRef ref, Step step, Gate gate, Supplier<ActionResult> action) {
        try {
            return action.get();
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            if (gate.isClosed()) {
                // It was reported already, when it was given up.
                throw new Gate.ClosedException(e);
            }
            String unloaded = Failures.unloaded(e);
            if (unloaded != null) {
                LOG.debug("{}: {} needs a native library", ref, step.name().code(), e);
                return ActionResult.of(Reason.PERMISSION_DENIED, unloaded);
            }
            if (e instanceof LinkageError) {
                // A storage or a codec that is not on the class path, for a file that the table names.
                LOG.debug("{}: {} needs a class", ref, step.name().code(), e);
                return ActionResult.of(Reason.STORAGE_ERROR, Failures.message(e));
            }
            LOG.error("{}: {} ended unexpectedly", ref, step.name().code(), e);
            return ActionResult.of(
                    Reason.INTERNAL_ERROR, "unexpected " + e.getClass().getSimpleName() + ": " + Failures.message(e));
        }
    }

    static TableReport unloaded(TableRef ref, String rule, ActionResult result, Duration took) {
        return new TableReport(
                ref.fullName(),
                ref.catalog(),
                null,
                rule,
                null,
                null,
                List.of(new ActionReport(ActionName.LOAD, result, took)));
    }

    private static TableState state(TableMetadata metadata) {
        return new TableState(
                metadata.currentSnapshot() == null
                        ? null
                        : metadata.currentSnapshot().snapshotId(),
                metadata.snapshots().size(),
                metadata.refs().size());
    }

    /** What stops a table's actions: a signal, or the run's deadline. */
    private record RunStop(Stop stop, @Nullable Instant deadline, InstantSource clock) implements StopSignal {
        @Override
        public boolean stopped() {
            return stop.stopped();
        }

        @Override
        public boolean pastDeadline() {
            return deadline != null && !clock.instant().isBefore(deadline);
        }
    }

    private @Nullable TableState stateNow(TableOperations ops, TableState before) {
        try {
            TableMetadata now = ops.current();
            // Iceberg's client has no metadata of a table that was dropped.
            return now == null ? null : sized(state(now), ops, before);
        } catch (RuntimeException e) {
            LOG.debug("cannot be read after the actions", e);
            return null;
        }
    }

    /**
     * Adds the sizes of the table's files, if they are asked for. They are those from before if the snapshot is the
     * same.
     */
    private TableState sized(TableState state, TableOperations ops, @Nullable TableState before) {
        if (before != null && Objects.equals(before.snapshotId(), state.snapshotId())) {
            return state.with(before.sizes());
        }
        try {
            return state.with(request.sizes().of(ops));
        } catch (RuntimeException e) {
            LOG.debug("its files cannot be looked at", e);
            return state;
        }
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
