package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.config.TablePolicy;
import io.sink.outcome.ActionName;
import io.sink.outcome.ActionReport;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Effect;
import io.sink.outcome.Outcome;
import io.sink.outcome.Reason;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.storage.OtherTables;
import io.sink.storage.OtherTables.KnownTable;
import io.sink.table.Failures;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks over the tables of every catalog, in the order in which they are listed, and tells the listener of each when it
 * is done. A table that takes long, or a catalog that does, holds up nobody but what comes after the last free place.
 */
public final class Runner {
    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    /** A look is one or two requests and no work. */
    private static final int LOOKS_AT_ONCE = 8;

    private final List<CatalogOpening> catalogs;
    private final Function<TableRef, TablePolicy> policies;
    private final InstantSource clock;
    private final Stop stop;
    private final @Nullable CatalogTables tables;

    /**
     * @param tables is told of every table that is selected before the first of them has its turn; null if nobody asks
     */
    public Runner(
            List<CatalogOpening> catalogs,
            Function<TableRef, TablePolicy> policies,
            InstantSource clock,
            Stop stop,
            @Nullable CatalogTables tables) {
        this.tables = tables;
        this.catalogs = List.copyOf(catalogs);
        this.policies = policies;
        this.clock = clock;
        this.stop = stop;
    }

    /** Does what was asked. Expected failures are in the reports; the summary has the status to end with. */
    public RunSummary run(RunRequest request, RunListener listener) {
        Totals totals = new Totals(request, listener);
        listener.started(request.header());
        List<TableSource> open = new ArrayList<>();
        TableWalk walk = new TableWalk(
                request,
                stop,
                clock,
                new Budget(request.maxBytes()),
                listener,
                tables == null ? OtherTables.NONE : tables);
        try (BoundedExecutor<TableReport> work = new BoundedExecutor<>(request.parallel(), totals::table)) {
            BiConsumer<TableSource, TableRef> begin =
                    (source, ref) -> work.submit(() -> walk.walk(source, ref, policies.apply(ref)));
            if (request.mayEndEarly() || tables != null) {
                inTurn(request, totals, open, walk, begin);
            } else {
                AtomicInteger counted = new AtomicInteger();
                list(request, totals, open, (source, ref) -> {
                    counted.incrementAndGet();
                    begin.accept(source, ref);
                });
                listener.counted(counted.get());
            }
            work.drain();
        } finally {
            // only now: tables of each may be at work until the end
            open.forEach(Runner::close);
        }
        RunSummary summary = totals.summary();
        listener.ended(summary);
        return summary;
    }

    /**
     * Lists everything first, so that who has most to gain, or has waited longest, comes first; and looks at every
     * table before it changes one, so that a table is known under all its entries.
     */
    private void inTurn(
            RunRequest request,
            Totals totals,
            List<TableSource> open,
            TableWalk walk,
            BiConsumer<TableSource, TableRef> begin) {
        List<Turn> turns = new ArrayList<>();
        list(request, totals, open, (source, ref) -> turns.add(Turn.unseen(source, ref)));
        boolean alone = turns.size() == 1 && !request.mayEndEarly();
        if (!alone) {
            lookAt(request, turns);
        }
        if (request.mayEndEarly()) {
            turns.sort(Turn.ORDER);
        }
        Duplicates duplicates = known(turns);
        totals.listener.counted(turns.size());
        for (Turn turn : turns) {
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

    private void lookAt(RunRequest request, List<Turn> turns) {
        try (BoundedExecutor<Void> looks =
                new BoundedExecutor<>(Math.max(request.parallel(), LOOKS_AT_ONCE), none -> {})) {
            for (int at = 0; at < turns.size(); at++) {
                int index = at;
                looks.submit(() -> {
                    turns.set(index, turn(request, turns.get(index)));
                    return null;
                });
            }
            looks.drain();
        }
    }

    private Duplicates known(List<Turn> turns) {
        if (tables == null) {
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

    private Turn turn(RunRequest request, Turn unseen) {
        TableRef ref = unseen.ref();
        boolean notBegun = stop.stopped()
                || policies.apply(ref).excluded()
                || request.excluded().test(ref)
                || (request.deadline() != null && !clock.instant().isBefore(request.deadline()));
        return notBegun
                ? unseen
                : Turn.of(
                        unseen.source(),
                        ref,
                        policies.apply(ref).given(),
                        request.header().startedAt());
    }

    private void list(
            RunRequest request, Totals totals, List<TableSource> open, BiConsumer<TableSource, TableRef> each) {
        for (CatalogOpening catalog : catalogs) {
            if (stop.stopped()) {
                break;
            }
            list(catalog, request, totals, open, each);
        }
    }

    private void list(
            CatalogOpening opening,
            RunRequest request,
            Totals totals,
            List<TableSource> open,
            BiConsumer<TableSource, TableRef> each) {
        long start = System.nanoTime();
        TableSource source;
        try {
            source = opening.open().get();
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("catalog {} cannot be opened", opening.name(), e);
            totals.catalogFailed(opening.name(), "cannot be opened", e, start);
            return;
        }
        open.add(source);
        Iterator<TableRef> tables = Collections.emptyIterator();
        RuntimeException failure = null;
        try {
            tables = tables(source, request);
        } catch (RuntimeException e) {
            failure = e;
        }
        while (failure == null && !stop.stopped()) {
            TableRef ref;
            try {
                if (!tables.hasNext()) {
                    break;
                }
                ref = tables.next();
            } catch (RuntimeException e) {
                failure = e;
                break;
            }
            each.accept(source, ref);
        }
        if (failure == null) {
            totals.tally.catalogWalked();
        } else {
            LOG.debug("catalog {} cannot be listed", opening.name(), failure);
            totals.catalogFailed(opening.name(), "cannot be listed", failure, start);
        }
    }

    private static void close(TableSource source) {
        try {
            source.close();
        } catch (RuntimeException e) {
            LOG.warn("catalog {} could not be closed: {}", source.name(), Failures.message(e));
        }
    }

    private static Iterator<TableRef> tables(TableSource source, RunRequest request) {
        List<TableRef> named = request.named().stream()
                .filter(ref -> ref.catalog().equals(source.name()))
                .toList();
        if (!request.listed().test(source.name())) {
            return named.iterator();
        }
        Stream<TableRef> listed =
                StreamSupport.stream(Spliterators.spliteratorUnknownSize(source.list(), Spliterator.ORDERED), false);
        return Stream.concat(
                        named.stream(), listed.filter(ref -> request.selected().test(ref) && !named.contains(ref)))
                .iterator();
    }

    /** Adds up what the tables came to. */
    private final class Totals {
        private final RunRequest request;
        private final RunListener listener;
        private final ExitTally tally;
        private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        private Effect effect = Effect.NONE;

        Totals(RunRequest request, RunListener listener) {
            this.request = request;
            this.listener = listener;
            this.tally = new ExitTally(request.failOn());
        }

        void table(TableReport report) {
            tally.table(report);
            add(report);
        }

        void catalogFailed(String name, String what, Throwable e, long start) {
            tally.catalogFailed();
            Reason reason = Failures.reason(e, Reason.CATALOG_UNREACHABLE);
            add(new TableReport(
                    name,
                    name,
                    null,
                    "",
                    null,
                    null,
                    List.of(new ActionReport(
                            ActionName.LOAD,
                            ActionResult.of(reason, "catalog " + name + " " + what + ": " + Failures.message(e)),
                            Duration.ofNanos(System.nanoTime() - start)))));
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
            return new RunSummary(
                    clock.instant(), tally.status(request.allowEmpty(), signal), outcomes, effect, signal);
        }
    }
}
