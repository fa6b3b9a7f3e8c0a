package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.TablePolicy;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Effect;
import io.sink.outcome.ExitCode;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunSummary;
import io.sink.outcome.Shard;
import io.sink.outcome.TableReport;
import io.sink.storage.OtherTables;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.table.Failures;
import io.sink.text.Human;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks over the tables of every catalog, in the order in which they are listed, and tells the listener of each when it
 * is done. A table or a catalog that takes long holds up others only when no place is free.
 */
public final class Runner {
    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    /** Share of the time to the deadline that listing the catalogs may take. */
    private static final int LISTING_PERCENT = 50;

    private final List<CatalogOpening> catalogs;
    private final Function<TableRef, TablePolicy> policies;
    private final InstantSource clock;
    private final Stop stop;
    private final @Nullable CatalogTables tables;
    private final UnfinishedTables unfinished;

    /**
     * @param tables receives every selected table before the first of them has its turn; null if nothing asks
     * @param unfinished at which tables earlier runs died
     */
    public Runner(
            List<CatalogOpening> catalogs,
            Function<TableRef, TablePolicy> policies,
            InstantSource clock,
            Stop stop,
            @Nullable CatalogTables tables,
            UnfinishedTables unfinished) {
        this.tables = tables;
        this.unfinished = unfinished;
        if (tables != null) {
            tables.remember(unfinished);
        }
        this.catalogs = List.copyOf(catalogs);
        this.policies = policies;
        this.clock = clock;
        this.stop = stop;
    }

    /** Does what was asked. Expected failures are in the reports; the summary has the status to end with. */
    public RunSummary run(RunRequest request, RunListener listener) {
        Totals totals = new Totals(request, listener);
        Ending ending = new Ending(stop, clock, request.limits());
        listener.started(request.header());
        List<TableSource> open = new ArrayList<>();
        TableWalk walk = new TableWalk(
                request,
                ending,
                stop,
                clock,
                new Budget(request.maxBytes()),
                listener,
                tables == null ? OtherTables.NONE : tables,
                unfinished);
        List<BoundedExecutor.Job<TableReport>> last = new ArrayList<>();
        try (BoundedExecutor<TableReport> work =
                new BoundedExecutor<>(request.parallel(), totals::table, ending::isOver)) {
            BiConsumer<TableSource, TableRef> begin = (source, ref) -> {
                BoundedExecutor.Job<TableReport> job = walk.job(source, ref, policies.apply(ref));
                if (unfinished.isSuspect(ref)) {
                    last.add(job);
                } else {
                    work.submit(job);
                }
            };
            if (request.mayEndEarly() || tables != null || request.selectors().isStrict()) {
                inTurn(request, ending, totals, open, begin);
            } else {
                AtomicInteger counted = new AtomicInteger();
                list(request, ending, totals, open, (source, ref) -> {
                    if (totals.isOurs(ref)) {
                        counted.incrementAndGet();
                        begin.accept(source, ref);
                    }
                });
                totals.warn(request.selectors().unmatched(request.selectors().isStrict()));
                listener.counted(counted.get());
            }
            work.drain();
            last.forEach(job -> {
                work.submit(job);
                work.drain();
            });
            totals.absent.forEach(table -> tellAbsent(table, request.selectors(), ending, totals, open));
        } finally {
            // only now: tables of each may be at work until the end
            Ending.closed("the catalogs", () -> open.forEach(Runner::close));
        }
        RunSummary summary = totals.summary();
        listener.ended(summary);
        return summary;
    }

    /**
     * Lists everything first, so that the table that has most to gain, or has waited longest, comes first. Looks at
     * every table before it changes one, so that a table is known under all its entries.
     */
    private void inTurn(
            RunRequest request,
            Ending ending,
            Totals totals,
            List<TableSource> open,
            BiConsumer<TableSource, TableRef> begin) {
        List<Turn> listed = new ArrayList<>();
        list(request, ending, totals, open, (source, ref) -> listed.add(Turn.unseen(source, ref)));
        // The tables of other shards are looked at as well: they may be second entries, or have places around or
        // inside.
        totals.warn(request.selectors().unmatched(request.selectors().isStrict()));
        if (request.selectors().refusal() != null) {
            totals.warn(List.of(request.selectors().refuse()));
            return;
        }
        boolean unseen = tables == null || listed.size() == 1;
        List<Turn> turns = unseen && !request.mayEndEarly() ? listed : seen(request, ending, listed);
        List<Turn> byName = byName(turns);
        if (request.mayEndEarly()) {
            turns.sort(Turn.ORDER);
        }
        Duplicates duplicates = ending.waited("look for duplicates", () -> known(byName), known(List.of()));
        List<Turn> ours =
                turns.stream().filter(turn -> totals.isOurs(turn.ref())).toList();
        totals.listener.counted(ours.size());
        for (Turn turn : ours) {
            if (stop.stopped()) {
                break;
            }
            TablePolicy policy = policies.apply(turn.ref());
            ActionResult duplicate = duplicates.skip(turn.ref().fullName(), policy.knownDuplicate());
            if (duplicate == null) {
                begin.accept(turn.source(), turn.ref());
            } else {
                totals.table(TableWalk.unloaded(turn.ref(), policy.rule(), duplicate, Duration.ZERO));
            }
        }
    }

    /**
     * In the order of the catalogs and of names: of two entries of one table every run maintains the same, whichever
     * shard it is of.
     */
    private static List<Turn> byName(List<Turn> listed) {
        Map<String, Integer> catalogs = new HashMap<>();
        listed.forEach(turn -> catalogs.putIfAbsent(turn.ref().catalog(), catalogs.size()));
        return listed.stream()
                .sorted(Comparator.comparing(
                                (Turn turn) -> catalogs.get(turn.ref().catalog()))
                        .thenComparing(turn -> turn.ref().fullName()))
                .toList();
    }

    private Duplicates known(List<Turn> turns) {
        if (tables == null || turns.isEmpty()) {
            return new Duplicates(Map.of(), table -> table);
        }
        Map<String, Turn> byName = new HashMap<>();
        Map<TableRef, KnownTable> known = new LinkedHashMap<>();
        for (Turn turn : turns) {
            KnownTable table = turn.table();
            if (table != null) {
                known.put(turn.ref(), table);
                byName.put(table.name(), turn);
            }
        }
        return new Duplicates(tables.loaded(known), table -> {
            Turn turn = byName.get(table.name());
            KnownTable now = turn == null ? null : turn.again();
            return now == null ? table : now;
        });
    }

    /** A table at which a run died is looked at when all others are known, and by itself. */
    private List<Turn> seen(RunRequest request, Ending ending, List<Turn> listed) {
        List<Turn> turns = new ArrayList<>(
                new Looks(ending, turn -> unfinished.isSuspect(turn.ref()) ? turn : seen(request, turn)).at(listed));
        turns.replaceAll(turn -> unfinished.isSuspect(turn.ref())
                ? new Looks(ending, suspect -> seen(request, suspect))
                        .at(List.of(turn))
                        .get(0)
                : turn);
        return turns;
    }

    private Turn seen(RunRequest request, Turn unseen) {
        TableRef ref = unseen.ref();
        boolean notBegun = stop.stopped()
                || policies.apply(ref).excluded()
                || request.excluded().test(ref)
                || (request.deadline() != null && !clock.instant().isBefore(request.deadline()));
        if (notBegun || unfinished.isUnread(ref)) {
            return unseen;
        }
        unfinished.begin(ref);
        try {
            Turn turn = Turn.of(
                    unseen.source(),
                    ref,
                    policies.apply(ref).given(),
                    request.header().startedAt());
            unfinished.loaded(ref);
            return turn;
        } finally {
            unfinished.end(ref, false);
        }
    }

    /**
     * Lists all catalogs at once, so that one that hangs does not use up the time of the others; their tables come in
     * the configuration's order. If there is a deadline, a catalog that exceeds its share of the time is waited for
     * only as long as no other has ended.
     */
    private void list(
            RunRequest request,
            Ending ending,
            Totals totals,
            List<TableSource> open,
            BiConsumer<TableSource, TableRef> each) {
        Duration share = ending.share(LISTING_PERCENT);
        List<CatalogListing> listings = catalogs.stream()
                .map(catalog -> CatalogListing.start(catalog, request))
                .toList();
        for (CatalogListing listing : listings) {
            BooleanSupplier late = () -> ending.hasBegun()
                    || listing.took().compareTo(request.limits().listing()) >= 0
                    || (listing.took().compareTo(share) >= 0
                            && listings.stream().anyMatch(CatalogListing::hasEnded));
            list(listing, late, totals, open, each);
        }
    }

    private void list(
            CatalogListing listing,
            BooleanSupplier isLate,
            Totals totals,
            List<TableSource> open,
            BiConsumer<TableSource, TableRef> each) {
        TableSource source = null;
        while (true) {
            CatalogListing.Step step = listing.next(isLate);
            if (step instanceof CatalogListing.Opened opened) {
                source = opened.source();
                open.add(source);
            } else if (step instanceof CatalogListing.Listed listed) {
                each.accept(Objects.requireNonNull(source, "not opened"), listed.table());
            } else if (step instanceof CatalogListing.Failed failed) {
                LOG.debug("catalog {} {}", listing.catalog(), failed.what(), failed.why());
                totals.catalogFailed(listing, failed);
                return;
            } else if (step instanceof CatalogListing.Late late) {
                totals.catalogLate(listing, late);
                return;
            } else {
                totals.tally.catalogWalked();
                if (((CatalogListing.Ended) step).whole()) {
                    totals.request.selectors().ended(listing.catalog());
                }
                return;
            }
        }
    }

    private static void tellAbsent(
            TableRef table, Selectors selectors, Ending ending, Totals totals, List<TableSource> open) {
        open.stream()
                .filter(source -> source.name().equals(table.catalog()))
                .findFirst()
                .ifPresent(source -> totals.warn(selectors.absent(table, source, ending)));
    }

    private static void close(TableSource source) {
        try {
            source.close();
        } catch (RuntimeException e) {
            LOG.warn("catalog {} could not be closed: {}", source.name(), Failures.message(e));
        }
    }

    /** Adds up the results of the tables. */
    private final class Totals {
        private final RunRequest request;
        private final RunListener listener;
        private final ExitTally tally;
        private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        private final List<TableRef> absent = new ArrayList<>();
        private Effect effect = Effect.NONE;

        Totals(RunRequest request, RunListener listener) {
            this.request = request;
            this.listener = listener;
            this.tally = new ExitTally(request.failOn());
        }

        /** Whether the table has its turn in this run, and not in that of another shard. */
        boolean isOurs(TableRef ref) {
            Shard shard = request.header().shard();
            boolean ours = shard == null || shard.has(ref.fullName());
            if (!ours) {
                tally.elsewhere();
            }
            return ours;
        }

        void table(TableReport report) {
            tally.table(report);
            add(report);
            ActionReport last = report.actions().get(report.actions().size() - 1);
            if (last.action() == ActionName.LOAD && last.reason() == Reason.NO_TABLE) {
                request.named().stream()
                        .filter(table -> table.fullName().equals(report.table()))
                        .forEach(absent::add);
            }
        }

        void warn(List<String> sentences) {
            sentences.forEach(listener::warned);
        }

        void catalogFailed(CatalogListing listing, CatalogListing.Failed failed) {
            if (failed.why() instanceof Error error && !(error instanceof LinkageError)) {
                throw error;
            }
            catalogFailed(
                    listing,
                    failed.what() + ": " + Failures.message(failed.why()),
                    Failures.reason(failed.why(), Reason.CATALOG_UNREACHABLE));
        }

        void catalogLate(CatalogListing listing, CatalogListing.Late late) {
            if (stop.stopped()) {
                catalogFailed(listing, late.what() + " any more: stopped by " + stop.signal(), Reason.INTERRUPTED);
            } else if (request.deadline() != null && !clock.instant().isBefore(request.deadline())) {
                catalogFailed(
                        listing,
                        late.what() + " before the deadline, which passed at " + request.deadline(),
                        Reason.CATALOG_UNREACHABLE);
            } else {
                catalogFailed(
                        listing,
                        late.what() + " within " + Human.duration(listing.took())
                                + (listing.took().compareTo(request.limits().listing()) >= 0
                                        ? " (catalog-timeout)"
                                        : ", and the others need the time to the deadline"),
                        Reason.CATALOG_UNREACHABLE);
            }
        }

        private void catalogFailed(CatalogListing listing, String what, Reason reason) {
            tally.catalogFailed();
            String name = listing.catalog();
            add(new TableReport(
                    name,
                    name,
                    null,
                    "",
                    null,
                    null,
                    List.of(new ActionReport(
                            ActionName.LOAD,
                            ActionResult.of(reason, "catalog " + name + " " + what),
                            listing.took()))));
        }

        private void add(TableReport report) {
            outcomes.merge(report.outcome(), 1, Integer::sum);
            if (!request.header().dryRun()) {
                for (ActionReport action : report.actions()) {
                    effect = effect.plus(action.result().effect());
                }
            }
            listener.table(report);
        }

        RunSummary summary() {
            String signal = stop.signal();
            ExitCode refusal = signal == null ? request.selectors().refusal() : null;
            int status = refusal == null ? tally.status(request.allowEmpty(), signal) : refusal.code();
            return new RunSummary(
                    clock.instant(),
                    status,
                    outcomes,
                    effect,
                    signal,
                    request.selectors().told());
        }
    }
}
